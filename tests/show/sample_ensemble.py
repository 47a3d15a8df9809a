"""Futures made by hand for any case: drawn from plain distributions, no number is a result."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from baseload.case.case import Case
from baseload.case.gates import needed_gates
from baseload.plan.ensemble.result import ACCOUNTS, VARIABLES, Ensemble, Simplification
from baseload.plan.outcome import FLOWS, Study
from baseload.plan.prospect.result import Leg, Part, Prospect
from baseload.plan.sizing.result import Curve, Limit, Sizing
from baseload.plan.worth.result import Index, Signal, Verdict, Waiting, Worth

UNIT = 8.0e6
"""Energy of the sample plant's unit in a year [MWh]."""


@dataclass(frozen=True)
class Memory:
    """A shelf that holds everything in memory."""

    held: dict[tuple[str, str | None, str | None], np.ndarray]

    def read(self, name, alternative=None, account=None):
        return self.held[(name, alternative, account)]


def sample_ensemble(case: Case, scenarios: int = 400, seed: int = 3) -> Ensemble:
    """Return every alternative of a case in futures drawn by hand."""
    draw = np.random.default_rng(seed)
    frame = case.tree.case
    last = frame.end.year - (frame.end.month == 1 and frame.end.day == 1)
    years = np.arange(frame.start.year, last + 1)
    shape = (scenarios, years.size)
    held: dict[tuple[str, str | None, str | None], np.ndarray] = {}
    growth = np.cumsum(draw.normal(0.02, 0.35, shape), axis=1)
    price = 91_000 * np.exp(growth)
    network = 1_040 * np.exp(0.5 * growth + np.cumsum(draw.normal(0.05, 0.08, shape), axis=1))
    held[("bitcoin_price", None, None)] = price
    held[("network", None, None)] = network
    held[("hashprice", None, None)] = 39.5 * (price / 91_000) * (1_040 / network)
    held[("power_price", None, None)] = 90 * np.exp(
        draw.normal(0, 0.2, (len(case.tree.area), *shape))
    )
    gates = {name: _gate(case, name, draw, scenarios, years.size) for name in case.tree.gate}
    gates = {name: _after(case, name, gates) for name in gates}
    small = {
        name: np.zeros((len(case.alternatives), scenarios))
        for name, variable in VARIABLES.items()
        if variable.dims == ("alternative", "scenario")
    }
    for index, name in enumerate(case.alternatives):
        _alternative(case, index, name, draw, gates, small, held, shape)
    small["gate_open"] = np.array(list(gates.values())).reshape(len(gates), scenarios)
    small["unknown_level"] = draw.uniform(size=(len(case.unknowns), scenarios))
    return Ensemble(
        case,
        seed,
        scenarios,
        tuple(case.alternatives),
        years,
        tuple(unknown.path for unknown in case.unknowns),
        tuple(gates),
        tuple(case.tree.area),
        small,
        Memory(held),
        (
            Simplification("ramps of units from step to step", 0.004),
            Simplification("price impact of exports"),
        ),
    )


def _gate(case, name, draw, scenarios, horizon):
    chance = case.tree.gate[name].probability
    opens = draw.uniform(0.1, 0.6 * horizon, scenarios)
    return np.where(draw.uniform(size=scenarios) < max(chance, 0.5), opens, np.inf)


def _after(case, name, gates):
    return np.max([gates[other] for other in needed_gates(case.tree, [name])], axis=0)


def _alternative(case, index, name, draw, gates, small, held, shape):
    """Fill in one alternative; its energy adds up in every future and year."""
    scenarios, horizon = shape
    choice = case.alternatives[name]
    needed = needed_gates(case.tree, choice.needs)
    opens = np.max([gates[gate] for gate in needed], axis=0) if needed else np.zeros(scenarios)
    mines = any("mine." in path or "power" in path for path in choice.set)
    built = (opens < horizon - 0.5) & mines
    power = 30.0 * (1 + 3 * index) * mines
    share = np.clip(np.arange(1, horizon + 1)[None, :] - opens[:, None], 0, 1)
    first = np.where(np.isfinite(opens), opens, np.nan)
    value = power * 1e6 * draw.normal(0.12 - 0.05 * index, 0.5, scenarios)
    small["mine_value"][index] = np.where(built, value, 0.0)
    small["npv"][index] = 8e8 * share.mean(axis=1) + small["mine_value"][index] - 6e7
    small["investment"][index] = np.where(built, power * 8e5, 0.0)
    small["mine_mw"][index] = np.where(built, power, 0.0)
    small["first_mining"][index] = np.where(built, first, np.nan)
    small["first_generation"][index] = first
    running = share * draw.uniform(0.8, 1.0, shape)
    mining = running * built[:, None]
    flows = dict.fromkeys(FLOWS, np.zeros(shape))
    flows["generated"] = UNIT * running
    flows["house"] = 35.0 * 8766 * (1 - share)
    flows["imported"] = flows["house"]
    flows["mined"] = np.minimum(power * 8000, UNIT) * mining
    flows["obligations"] = 0.2 * (flows["generated"] - flows["mined"])
    flows["exported"] = 0.6 * (flows["generated"] - flows["mined"])
    flows["curtailed"] = 0.2 * (flows["generated"] - flows["mined"])
    for flow, values in flows.items():
        held[(flow, name, None)] = values
    held[("surplus", name, None)] = UNIT * running - flows["house"] - flows["obligations"]
    held[("coins", name, None)] = 1.7 * power * mining
    held[("network_share", name, None)] = 1e-5 * power * mining
    mine_cash = np.where(built, value / horizon, 0.0)[:, None] * mining
    held[("mine_cash", name, None)] = mine_cash
    for account in ACCOUNTS:
        held[("cash", name, account)] = np.zeros(shape)
    held[("cash", name, "energy sales")] = 60 * flows["exported"]
    held[("cash", name, "mining revenue")] = mine_cash
    for hours in ("generating", "mining", "curtailed", "short"):
        held[(f"hours_{hours}", name, None)] = 8766 * mining


def sample_worth(case: Case) -> Worth:
    """Return what knowing would be worth: a gate, an unknown and a group."""
    names = list(case.alternatives)
    signals = [
        Signal(
            "gate",
            name,
            gate.title,
            31e6 / (1 + index),
            1.2e6,
            gate.signal,
            "by summer 2027" if index == 0 else "",
            (Verdict("opens", 0.3, names[-1], 84e6), Verdict("stays shut", 0.7, "nothing", 0.0)),
        )
        for index, (name, gate) in enumerate(case.tree.gate.items())
    ][:4]
    signals += [
        Signal(
            "unknown",
            unknown.path,
            unknown.name,
            7e6 / (1 + index),
            0.8e6,
            "",
            "",
            (
                Verdict("up to 78,000 USD/BTC", 0.5, "nothing", 0.0),
                Verdict("above 78,000 USD/BTC", 0.5, names[-1], 21e6),
            ),
        )
        for index, unknown in enumerate(case.unknowns[:5])
    ]
    indices = {
        unknown.path: Index(0.4 / (1 + i), 0.5 / (1 + i), 0.03, 0.05)
        for i, unknown in enumerate(case.unknowns)
    }
    waiting = (Waiting(names[-1], -4e6, 11e6, 1.1e6, 0.24),)
    signals.sort(key=lambda signal: -signal.worth)
    return Worth("nothing", 0.0, 44e6, 1.6e6, tuple(signals), waiting, indices, names[-1])


def sample_sizing(case: Case) -> Sizing:
    """Return the best size of the last alternative, on a curve that is a parabola."""
    size = np.linspace(0, 600, 25)
    mean = 40e6 - 40e6 * ((size - 240) / 240) ** 2
    curve = Curve(
        size, mean, 2e4 * size + 1e5, mean - 4e5 * size, mean - 2e4 * size, mean + 5e5 * size
    )
    return Sizing(
        list(case.alternatives)[-1],
        ("onsite, Antminer S21, 2029", "onsite, Antminer S21, 2031"),
        np.array([180.0, 60.0]),
        "expected",
        40e6,
        40e6,
        4.9e6,
        0.31,
        40.4e6,
        0.01,
        False,
        38,
        (
            Limit("transformers at the site", "MW", 240.0, 240.0, 61_000.0),
            Limit("budget", "USD", 4e8, 2.1e8, 0.0),
        ),
        curve,
    )


def sample_prospects(case: Case) -> tuple[Prospect, ...]:
    """Return every arrangement of a case: parties gain, lose, or are left out."""
    return tuple(_prospect(case, name, index) for index, name in enumerate(case.arrangements))


def _prospect(case: Case, name: str, index: int) -> Prospect:
    plan = case.arrangements[name]
    years = np.arange(case.tree.case.start.year, case.tree.case.end.year)
    parties = list(dict.fromkeys((*plan.parties, *plan.left_out))) or list(case.parties)
    parts = []
    for place, party in enumerate(parties):
        out = party in plan.left_out
        value = 0.0 if out else 20e6 * (2 - place + 0.3 * index)
        ones = np.ones(years.size) * (not out)
        legs = (
            ()
            if place
            else (Leg("50 % of the coins", tuple(case.tree.bar)[:1], "R01 until 2031-03-15"),)
        )
        parts.append(
            Part(
                party,
                case.parties[party].name,
                out,
                1e5 * ones,
                value / years.size * ones,
                (value - 30e6) / years.size * ones,
                (value + 40e6) / years.size * ones,
                value,
                0.0 if out else 1.5e6,
                (value + np.array([-3e7, -1e6, 4e7])) * (not out),
                12 * ones,
                legs,
            )
        )
    alternative = next(
        (key for key, choice in case.alternatives.items() if choice.arrangement == name),
        list(case.alternatives)[-1],
    )
    return Prospect(
        name, plan.title, alternative, 0.31, years, tuple(parts), plan.open_points, 3e-12
    )


def with_futures(study: Study, scenarios: int = 400) -> Study:
    """Return a study with futures, worth of knowing, sizes and prospects."""
    case = study.case
    return dataclasses.replace(
        study,
        ensemble=sample_ensemble(case, scenarios),
        worth=sample_worth(case),
        sizings=(sample_sizing(case),),
        prospects=sample_prospects(case),
    )
