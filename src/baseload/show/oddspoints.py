"""What many futures come down to, in a few sentences: odds under the case's assumptions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from baseload.plan.ensemble.estimates import Estimate
from baseload.plan.ensemble.odds import NOTHING, Odds, day_of, leader
from baseload.plan.outcome import Study
from baseload.plan.worth.result import Signal, Verdict, Waiting
from baseload.show.language import HARD_SPACE, Language
from baseload.show.outlook import chance_of, futures_of, title_of, told_signals
from baseload.show.point import Point
from baseload.show.wording import reworded

MOST_TOLD = 3
"""Signals, and alternatives after the first, that the key points name."""


def answer(study: Study, odds: Sequence[Odds], tongue: Language) -> str:
    """Say in one sentence which choice adds most over all futures, and with what odds.

    Parameters
    ----------
    study : result with futures.
    odds : of all choices, best first.
    tongue : language of the sentence.
    """
    _ = tongue.text
    first, futures = odds[0], tongue.number(futures_of(study).scenarios, 0)
    watched = _watched(study)
    if watched is not None and not first.clear:
        return _nothing_now(study, watched, tongue)
    if first.name != NOTHING and first.if_built is not None:
        facts = {
            "title": title_of(study, first.name, tongue),
            "value": margin(first.value.mean, tongue),
            "n": futures,
            "chance": chance_of(first.built.value, tongue),
            "loses": tongue.share(first.if_built.loss.value, 0),
        }
        if first.clear:
            return _(
                "Under the assumptions of this case “{title}” adds most: {value} on average over "
                "{n} futures; its mine is built in {chance} of them, and loses money in {loses} of "
                "those.",
                **facts,
            )
        return _(
            "Under the assumptions of this case “{title}” comes first with {value} on average over "
            "{n} futures, which they are too few, or too wide apart, to be sure of; its mine is "
            "built in {chance} of them, and loses money in {loses} of those.",
            **facts,
        )
    second = leader(odds)
    if second is None:
        return _(
            "Under the assumptions of this case no mine is ever built in any of {n} futures.",
            n=futures,
        )
    facts = {
        "n": futures,
        "title": title_of(study, second.name, tongue),
        "chance": chance_of(second.built.value, tongue),
        "value": margin(second.value.mean, tongue),
    }
    if second.clear:
        return _(
            "Under the assumptions of this case building nothing is best: no mine adds value on "
            "average over {n} futures. The one that takes least, “{title}”, is built in {chance} "
            "of them and comes to {value}.",
            **facts,
        )
    return _(
        "Under the assumptions of this case building nothing comes first: no mine adds value on "
        "average over {n} futures. The one that takes least, “{title}”, is built in {chance} of "
        "them and comes to {value}, which they are too few, or too wide apart, to be sure of.",
        **facts,
    )


def _watched(study: Study) -> Waiting | None:
    """Return the alternative to watch, where weighing its gates says that nothing is best now."""
    worth = study.worth
    if worth is None or worth.best != NOTHING:
        return None
    rows = [row for row in worth.waiting if row.alternative == worth.subject]
    return rows[0] if rows and rows[0].gains is not None else None


def _nothing_now(study: Study, watched: Waiting, tongue: Language) -> str:
    assert study.worth is not None
    return tongue.text(
        "Under the assumptions of this case building no mine is best now. The one to watch is "
        "“{title}”: its gates open with a chance of {chance}, and then it pays in {gains} of "
        "futures. Knowing everything beforehand would be worth {evpi}.",
        title=title_of(study, watched.alternative, tongue),
        chance=tongue.share(watched.chance, 1),
        gains=tongue.share(watched.gains or 0.0, 0),
        evpi=margin(Estimate(study.worth.evpi, study.worth.evpi_error), tongue, signed=False),
    )


def points(study: Study, odds: Sequence[Odds], tongue: Language) -> Iterator[Point]:
    """Give the key points of many futures, the most decisive first.

    Parameters
    ----------
    study, odds, tongue : as for `answer`.
    """
    first = leader(odds)
    if first is not None:
        yield from _range(study, first, tongue)
        yield from _others(study, odds, first, tongue)
    yield from _sizes(study, tongue)
    yield from _signals(study, tongue)
    yield from _waiting(study, tongue)
    yield Point(
        tongue.text(
            "These are odds under the assumptions of the case, not a forecast: ± is one standard "
            "error of drawing {n} futures, and says nothing of the assumptions.",
            n=tongue.number(futures_of(study).scenarios, 0),
        )
    )


def margin(estimate: Estimate, tongue: Language, *, signed: bool = True) -> str:
    """Return an amount with its standard error, both in the larger one's magnitude [USD]."""
    value, error = estimate.value, estimate.error
    if math.isnan(error) or error == 0.0:
        return tongue.money(value, signed=signed)
    scale, word = tongue.magnitude(max(abs(value), error))
    digits = _digits(error / scale)
    shown = (
        f"{tongue.number(value / scale, digits, signed=signed)}{HARD_SPACE}±{HARD_SPACE}"
        f"{tongue.number(error / scale, digits)}"
    )
    return HARD_SPACE.join(part for part in (shown, word, "USD") if part)


def margin_in(estimate: Estimate, scale: float, tongue: Language) -> str:
    """Return an amount with its standard error in a unit that the table names."""
    value, error = estimate.value / scale, estimate.error / scale
    if math.isnan(error) or error == 0.0:
        return tongue.number(value, signed=True)
    digits = _digits(error)
    return f"{tongue.number(value, digits, signed=True)} ± {tongue.number(error, digits)}"


def _digits(error: float) -> int:
    """Return the decimals that show an error with about one or two figures."""
    return 0 if error >= 10 else 1 if error >= 1 else 2 if error >= 0.1 else 3


def _range(study: Study, first: Odds, tongue: Language) -> Iterator[Point]:
    built = first.if_built
    if built is None:
        return
    if first.few:
        yield Point(
            tongue.count(
                "“{title}” is built in a single future: too few to tell what it adds then.",
                "“{title}” is built in {n} futures only: too few to tell the range of it.",
                built.count,
                title=title_of(study, first.name, tongue),
            )
        )
        return
    days = [day_of(futures_of(study), each.value) for each in first.first_mining]
    facts = {
        "title": title_of(study, first.name, tongue),
        "low": tongue.money(built.at(0.05).value, signed=True),
        "middle": tongue.money(built.at(0.5).value, signed=True),
        "high": tongue.money(built.at(0.95).value, signed=True),
    }
    if not days:
        yield Point(
            tongue.text(
                "If its mine is built, “{title}” adds {low} to {high} in nine of ten futures, "
                "{middle} in the middle.",
                **facts,
            )
        )
        return
    yield Point(
        tongue.text(
            "If its mine is built, “{title}” adds {low} to {high} in nine of ten futures, {middle} "
            "in the middle; the first coin comes between {early} and {late}.",
            early=tongue.month(days[0]),
            late=tongue.month(days[-1]),
            **facts,
        )
    )


def _others(study: Study, odds: Sequence[Odds], first: Odds, tongue: Language) -> Iterator[Point]:
    """Say by how much the next choices fall behind, future by future."""
    others = [each for each in odds if each.ever_built and each is not first][:MOST_TOLD]
    if not others:
        return
    items = tuple(
        tongue.text(
            "{title}: built in {chance}, {value} on average",
            title=title_of(study, each.name, tongue),
            chance=chance_of(each.built.value, tongue),
            value=margin(each.value.mean, tongue),
        )
        for each in others
    )
    yield Point(tongue.text("After it come, in the same futures:"), items)


def _sizes(study: Study, tongue: Language) -> Iterator[Point]:
    for sizing in study.sizings:
        if sizing.size.sum() == 0.0:
            yield Point(
                tongue.text(
                    "No size of “{title}” chosen beforehand is worth building on average, even "
                    "once its gates are open.",
                    title=title_of(study, sizing.alternative, tongue),
                )
            )
            continue
        yield Point(
            tongue.text(
                "The size of “{title}” that is worth most is {power}: {value} on average; it loses "
                "in {loses} of futures.",
                title=title_of(study, sizing.alternative, tongue),
                power=tongue.quantity(float(sizing.size.sum()), "MW"),
                value=margin(Estimate(sizing.mean, sizing.error), tongue),
                loses=tongue.share(sizing.loses, 0),
            )
        )


def _signals(study: Study, tongue: Language) -> Iterator[Point]:
    if study.worth is None:
        return
    found = told_signals(study.worth)[:MOST_TOLD]
    if not found:
        yield Point(
            tongue.text("No single piece of news would change the choice, whatever it said.")
        )
        return
    yield Point(
        tongue.text(
            "Most worth knowing before deciding (knowing everything: {value}):",
            value=margin(Estimate(study.worth.evpi, study.worth.evpi_error), tongue, signed=False),
        ),
        tuple(_signal(signal, tongue) for signal in found),
    )


def _signal(signal: Signal, tongue: Language) -> str:
    worth = margin(Estimate(signal.worth, signal.error), tongue, signed=False)
    label = reworded(signal.label, tongue)
    if not signal.by:
        return tongue.text("{label}: {worth}", label=label, worth=worth)
    return tongue.text(
        "{label}: {worth}, {by}", label=label, worth=worth, by=reworded(signal.by, tongue)
    )


def _waiting(study: Study, tongue: Language) -> Iterator[Point]:
    if study.worth is None or not study.worth.waiting:
        return
    most = max(study.worth.waiting, key=lambda waiting: waiting.worth)
    if most.worth <= 0.0:
        return
    yield Point(
        tongue.text(
            "The right to decide later on “{title}” is worth {value}: it would then ever be built "
            "in {chance} of futures.",
            title=title_of(study, most.alternative, tongue),
            value=tongue.money(most.worth),
            chance=tongue.share(most.built_share, 0),
        )
    )


def verdict(study: Study, found: Verdict, tongue: Language) -> str:
    """Say what the best choice becomes if a signal turns out one way."""
    return tongue.text(
        "{outcome} ({chance}): {title}, {value}",
        outcome=reworded(found.outcome, tongue),
        chance=tongue.share(found.probability, 0),
        title=title_of(study, found.best, tongue),
        value=tongue.money(found.value, signed=True),
    )
