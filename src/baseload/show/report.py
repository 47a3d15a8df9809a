"""The report: one file that opens anywhere, without network and without script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from baseload.case.contradictions import contradictions
from baseload.case.knowledge import knowledge
from baseload.plan.cash.accounts import Account
from baseload.plan.ensemble.estimates import Estimate
from baseload.plan.ensemble.odds import FEWEST, NOTHING, day_of
from baseload.plan.outcome import Outcome, Study
from baseload.show import keypoints, oddspoints, registers
from baseload.show.drawing import Picture
from baseload.show.figures import (
    cash_by_year,
    cash_of,
    energy_of,
    local_times,
    ranking_of,
    tornado_of,
    week_of,
    widest_first,
)
from baseload.show.folder import inputs_of
from baseload.show.language import Language, language
from baseload.show.outlook import chance_of, choices, outlook, title_of, told_signals
from baseload.show.translation import translated, translation
from baseload.show.wording import ending_of, reworded


@dataclass(frozen=True)
class YearRow:
    """One year of an outcome, for its table."""

    year: int
    energy: Mapping[str, float]
    coins: float
    cash: float


def render(
    study: Study,
    lang: str,
    *,
    versions: Mapping[str, str],
    outputs: Mapping[str, Mapping[str, Any]],
) -> str:
    """Write the report of a study.

    Parameters
    ----------
    study : result to be shown.
    lang : language, ``en`` or ``fr``.
    versions : versions of the packages that made it, by name.
    outputs : digest and size of the files that stand beside it, by name.

    Returns
    -------
    An HTML page that holds its pictures and its style, and asks for nothing else.
    """
    tongue = language(lang)
    inputs = inputs_of(study, lang)
    study = translated(study, translation(study.case, lang).table)
    template = _environment(tongue).get_template("report.html.j2")
    return template.render(
        tongue=tongue,
        style=files("baseload.show").joinpath("templates", "report.css").read_text("utf-8"),
        study=study,
        case=study.case,
        tree=study.case.tree,
        points=keypoints.key_points(study, tongue),
        pictures=_pictures(study, tongue),
        outlook=outlook(study, tongue),
        others=_others(study, tongue),
        shown=keypoints.shown(study),
        week_start=local_times(keypoints.shown(study).week)[0].astype("datetime64[D]").item(),
        years={
            (name, world): year_rows(outcome)
            for name, worlds in study.outcomes.items()
            for world, outcome in worlds.items()
        },
        swings=widest_first(study.swings.get(keypoints.shown(study).name, ())),
        gates=registers.gate_rows(study.case),
        bars=registers.bar_rows(study.case),
        known=knowledge(study.case),
        contradictions=contradictions(study.case.registers),
        inputs=inputs,
        versions=versions,
        outputs=outputs,
    )


def year_rows(outcome: Outcome) -> list[YearRow]:
    """Return energy [MWh], coins [BTC] and cash [USD] of an outcome, year by year."""
    cash = np.sum([cash_by_year(outcome)[account] for account in Account], axis=0)
    return [
        YearRow(
            int(year),
            {flow: float(values[index]) for flow, values in outcome.energy.items()},
            float(outcome.coins[index]),
            float(cash[index]),
        )
        for index, year in enumerate(outcome.years)
    ]


def _pictures(study: Study, tongue: Language) -> dict[str, Picture | None]:
    outcome = keypoints.shown(study)
    return {
        "ranking": ranking_of(study, tongue),
        "week": week_of(study, outcome, tongue),
        "energy": energy_of(outcome, tongue),
        "cash": cash_of(outcome, tongue),
        "tornado": tornado_of(study, outcome, tongue),
    }


def _others(study: Study, tongue: Language) -> dict[str, tuple[Picture, Picture]]:
    """Return week and energy of every other alternative whose plant or mine runs in time."""
    opened = (worlds["opened"] for worlds in study.outcomes.values())
    return {
        outcome.name: (week_of(study, outcome, tongue), energy_of(outcome, tongue))
        for outcome in opened
        if outcome is not keypoints.shown(study) and outcome.first_generation is not None
    }


def _environment(tongue: Language) -> Environment:
    environment = Environment(
        loader=PackageLoader("baseload.show"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        _=tongue.text,
        n_=tongue.count,
        status_word=lambda status: registers.status_word(status, tongue),
        stage_word=lambda stage: registers.stage_word(stage, tongue),
        source_text=lambda case, name: registers.source_text(case, name, tongue),
        coins_per_year=keypoints.coins_per_year,
        title_of=title_of,
        choices=choices,
        chance_of=chance_of,
        margin_in=oddspoints.margin_in,
        FEWEST=FEWEST,
        told_signals=told_signals,
        margin=oddspoints.margin,
        verdict=oddspoints.verdict,
        Estimate=Estimate,
        NOTHING=NOTHING,
        day_of=day_of,
        reworded=reworded,
        ending_of=ending_of,
        network_share=keypoints.network_share,
    )
    return environment
