"""Validated readings for people: a strip for each meter, then what is doubted and estimated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich import box
from rich.markup import escape
from rich.table import Table

from baseload.show.query_text import moment
from baseload.show.terminal import console, print_json

if TYPE_CHECKING:
    from baseload.record.vee.estimation import Estimate
    from baseload.record.vee.run import Checked
    from baseload.record.vee.series import Register
    from baseload.record.vee.validation import Suspicion

WIDTH = 64
"""Characters of a strip."""
SHOWN = 40
"""Rows of a table."""
MEASURED, DOUBTED, ESTIMATED, MISSING = "█", "!", "▒", "·"


def print_checked(found: Checked) -> None:
    """Print a picture of each meter, then suspicions, estimates and what is left."""
    out = console()
    widest = max(len(_name(key)) for key in found.registers)
    for key in found.registers:
        share = estimated_share(found, key)
        note = f"  {share:.2%} estimated" if share else ""
        out.print(f"{_name(key):<{widest}}  {strip(found, key)}{note}", soft_wrap=True)
    out.print(
        f"{moment(found.t0)} to {moment(found.t1)}: {MEASURED} measured  {DOUBTED} doubted  "
        f"{ESTIMATED} estimated  {MISSING} missing",
        soft_wrap=True,
    )
    if not found.suspicions:
        out.print("nothing is doubted")
        return
    out.print()
    out.print(_suspicions(found))
    if len(found.suspicions) > SHOWN:
        out.print(f"{len(found.suspicions):,} in all; --json lists each")
    if found.estimates:
        out.print()
        out.print(_estimates(found))
    for one in found.left[:SHOWN]:
        out.print(
            f"{one.meter} {moment(one.start)} to {moment(one.end)} is not estimated: {one.why}",
            soft_wrap=True,
        )


def print_checked_json(found: Checked) -> None:
    """Print all of it as JSON."""
    print_json(
        {
            "suspicions": [vars(one) for one in found.suspicions],
            "estimates": [_row(one) for one in found.estimates],
            "left": [vars(one) for one in found.left],
            "estimated_share": {_name(key): estimated_share(found, key) for key in found.registers},
        }
    )


def strip(found: Checked, key: Register) -> str:
    """Return a picture of a register over time: in each part the worst that is in it."""
    parts = [MISSING] * WIDTH
    step = max((found.t1 - found.t0) / WIDTH, 1.0)
    series = found.meters.series[key]
    rank = {MISSING: 0, MEASURED: 1, ESTIMATED: 2, DOUBTED: 3}
    for start in {*series.raw, *series.standing}:
        one = series.value(start)
        if one is not None and found.t0 <= start < found.t1 and one.quality != "missing":
            mark = MEASURED if one.quality == "measured" else ESTIMATED
            place = min(int((start - found.t0) / step), WIDTH - 1)
            parts[place] = max(parts[place], mark, key=rank.__getitem__)
    for doubt in found.suspicions:
        if (doubt.meter, doubt.register) == key:
            first = max(int((doubt.start - found.t0) / step), 0)
            last = min(int((doubt.end - 1 - found.t0) / step), WIDTH - 1)
            for place in range(first, last + 1):
                if doubt.rule != "missing" or parts[place] != MISSING:
                    parts[place] = DOUBTED
    return "".join(parts)


def estimated_share(found: Checked, key: Register) -> float:
    """Return the part of the intervals of a register in the period that were estimated."""
    series = found.meters.series[key]
    starts = [s for s in {*series.raw, *series.standing} if found.t0 <= s < found.t1]
    rows = [series.value(start) for start in starts]
    guessed = sum(one is not None and one.quality in ("estimated", "missing") for one in rows)
    return guessed / len(starts) if starts else 0.0


def _suspicions(found: Checked) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("rule", "meter", "from", "found", "expected", "what to do"):
        table.add_column(name, overflow="fold")
    for rows in joined(found.suspicions)[:SHOWN]:
        one = rows[0]
        begin = moment(one.start) + (f"\n{len(rows)} in a row" if len(rows) > 1 else "")
        cells = (one.rule, one.meter, begin, one.found, one.expected, one.mend)
        table.add_row(*map(escape, cells))
    return table


def joined(suspicions: Iterable[Suspicion]) -> list[list[Suspicion]]:
    """Return suspicions by one rule of one meter that follow one another together."""
    found: list[list[Suspicion]] = []
    for one in sorted(suspicions, key=lambda s: (s.meter, s.register, s.rule, s.start)):
        last = found[-1][-1] if found else None
        same = last is not None and (last.meter, last.register, last.rule) == (
            one.meter,
            one.register,
            one.rule,
        )
        if same and last is not None and one.start == last.end:
            found[-1].append(one)
        else:
            found.append([one])
    return sorted(found, key=lambda rows: (rows[0].start, rows[0].meter, rows[0].rule))


def _estimates(found: Checked) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("estimate", "from", "intervals", "energy", "method"):
        table.add_column(name, justify="right" if name in ("intervals", "energy") else "left")
    for meter, method, rows in list(_runs(found))[:SHOWN]:
        energy = sum(one.energy for one in rows)
        first = moment(rows[0].slot.start)
        table.add_row(meter, first, f"{len(rows):,}", f"{energy / 1e6:,.3f} MWh", method)
    return table


def _runs(found: Checked) -> Iterator[tuple[str, str, list[Estimate]]]:
    """Give estimates that follow one another by one method together."""
    place = {
        id(one): number - int(one.slot.start // max(one.slot.end - one.slot.start, 1))
        for number, one in enumerate(found.estimates)
    }
    for (meter, method, _), rows in groupby(
        found.estimates, key=lambda one: (one.meter, one.method, place[id(one)])
    ):
        yield meter, method, list(rows)


def _row(one: Estimate) -> dict[str, Any]:
    return {
        "meter": one.meter,
        "register": one.register,
        "start": one.slot.start,
        "end": one.slot.end,
        "energy": str(one.energy),
        "method": one.method,
        "reason": one.slot.why,
        "of": None if one.slot.raw is None else one.slot.raw.leaf,
    }


def _name(key: Register) -> str:
    return key[0] if key[1] == "import" else f"{key[0]} ({key[1]})"
