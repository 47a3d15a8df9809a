"""A study as plain data and as text: the documented content of summary.json, and a table."""

from __future__ import annotations

from typing import Any

from baseload.case.gates import bars_in_force
from baseload.plan.ensemble.odds import summary_of
from baseload.plan.outcome import FLOWS, Outcome, Study, Swing

SUMMARY_VERSION = 1


def as_summary(study: Study) -> dict[str, Any]:
    """Return the content of summary.json.

    Notes
    -----
    ``alternatives.<name>`` holds what the alternative gives as things stand today;
    ``alternatives.<name>.if_gates_open`` the same keys with the gates it needs open on their
    base dates; ``alternatives.<name>.unknowns`` the swing of every unknown in that world. Units
    are in the names of the keys; None is what does not exist. ``futures`` is there only where
    futures were drawn: see `baseload.plan.ensemble.odds.summary_of`.
    """
    case = study.case
    frame, stages = case.tree.case, case.tree.stages
    return {
        "version": SUMMARY_VERSION,
        "case": frame.name,
        "start": frame.start.isoformat(),
        "end": frame.end.isoformat(),
        "as_of": frame.as_of.isoformat(),
        "currency": f"{case.tree.money.currency} {case.tree.money.base_year}",
        "seed": study.seed,
        "stage": None if stages is None else stages.reached,
        "bars_in_force_at_start": {
            name: {
                "title": bar.title,
                "jurisdiction": bar.jurisdiction,
                "since": bar.since.isoformat(),
                "until": None if bar.until is None else bar.until.isoformat(),
            }
            for name in bars_in_force(case.tree, frame.start)
            for bar in (case.tree.bar[name],)
        },
        "alternatives": {
            name: {
                **_outcome(worlds["today"]),
                "if_gates_open": _outcome(worlds["opened"]),
                "unknowns": [_swing(swing) for swing in study.swings.get(name, ())],
            }
            for name, worlds in study.outcomes.items()
        },
        **({} if study.ensemble is None else {"futures": summary_of(study.ensemble)}),
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    metrics = outcome.metrics
    return {
        "title": outcome.title,
        "mine_mw": outcome.total_mine_mw,
        "mine_mw_by_site": dict(outcome.mine_mw),
        "built": outcome.built,
        "blocked_by": list(outcome.blocked_by),
        "waits_for": list(outcome.waits_for),
        "first_generation": _day(outcome.first_generation),
        "first_mining": _day(outcome.first_mining),
        "npv_usd": metrics.npv,
        "mine_value_usd": metrics.mine_value,
        "mine_value_usd_by_halving_era": {
            str(era): value for era, value in metrics.mine_value_by_era.items()
        },
        "irr": metrics.irr,
        "irr_finding": metrics.irr_finding,
        "payback_years": metrics.payback,
        "cost_of_energy_usd_per_mwh": metrics.cost_of_energy,
        "cost_of_coin_usd_per_btc": metrics.cost_of_coin,
        "hashprice_usd_per_ph_day": metrics.hashprice,
        "break_even_hashprice_factor": metrics.break_even_factor,
        "break_even_hashprice_usd_per_ph_day": metrics.break_even_hashprice,
        "break_even_power_price_usd_per_mwh": metrics.break_even_power_price,
        "coins_btc_per_year": float(outcome.coins.sum()) / outcome.years_long,
        "network_share": float(outcome.network_share.max(initial=0.0)),
        "energy_mwh_per_year": {name: outcome.per_year(name) for name in FLOWS},
        "exported_mwh_per_year_by_area": {
            name: float(flow.sum()) / outcome.years_long for name, flow in outcome.exported.items()
        },
        "obligations_mwh_per_year_by_name": {
            name: float(flow.sum()) / outcome.years_long
            for name, flow in outcome.obligations.items()
        },
        "by_year": {
            "year": [int(year) for year in outcome.years],
            "coins_btc": [float(coins) for coins in outcome.coins],
            "network_share": [float(share) for share in outcome.network_share],
            **{f"{name}_mwh": [float(x) for x in outcome.energy[name]] for name in FLOWS},
        },
        "certificates": list(outcome.certificates),
        "optimality_gap": outcome.gap,
    }


def _swing(swing: Swing) -> dict[str, Any]:
    return {
        "path": swing.unknown,
        "name": swing.label,
        "low": swing.low,
        "high": swing.high,
        "npv_usd": list(swing.npv),
        "mine_value_usd": list(swing.mine_value),
        "status": swing.status,
        "source": swing.source,
    }


def _day(day: Any) -> str | None:
    return None if day is None else day.isoformat()


def as_text(study: Study) -> str:
    """Return the table of alternatives as plain text."""
    frame = study.case.tree.case
    head = f"{frame.name} · {frame.start} to {frame.end} · base values, not a forecast"
    lines = [
        head,
        f"{'':<22}{'today':>8}{'mine if gates open':>20}{'coins':>10}{'NPV':>12}{'mine adds':>12}",
    ]
    for name, worlds in study.outcomes.items():
        today, opened = worlds["today"], worlds["opened"]
        coins = float(opened.coins.sum()) / opened.years_long
        lines.append(
            f"{name:<22}{today.total_mine_mw:>5.0f} MW{opened.total_mine_mw:>17.0f} MW"
            f"{coins:>8.0f}/y{opened.metrics.npv / 1e6:>9,.0f} m"
            f"{opened.metrics.mine_value / 1e6:>10,.0f} m"
        )
    return "\n".join(lines)
