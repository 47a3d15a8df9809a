"""``baseload reconcile``: whether energy, hashes and coins of a record agree."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

ALARM = 3


def command(
    log: Annotated[Path, typer.Argument(help="Folder of a log or kit.", show_default=False)],
    period: Annotated[
        str | None,
        typer.Option(help="Year, month or day, such as 2026-01; all by default."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="Key file of the log: writes the result as an entry.")
    ] = None,
    keys: Annotated[
        Path | None, typer.Option(help="Folder with the key of the source that states it.")
    ] = None,
    source: Annotated[str, typer.Option(help="Source that states it.")] = "desk",
    passphrase: Annotated[
        str | None, typer.Option(envvar="BASELOAD_PASSPHRASE", help="Passphrase of the key files.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Test whether energy, hashes and shares of a record agree.

    Every result says what it would have seen: no alarm is not the same as no loss. With --key the
    results are written to the log as a signed statement, which every inspector computes again.
    Leaves with 3 where there is an alarm.
    """
    import sys

    t0, t1 = span(period) if period else (None, None)
    if key is None:
        results = computed(log, t0, t1)
    else:
        results, index = _stated(log, (key, keys or key.parent), passphrase, source, (t0, t1))
        typer.echo(f"entry {index}", err=True)
    if json:
        from json import dumps

        typer.echo(dumps(results, indent=2, ensure_ascii=False))
    else:
        from baseload.verify.report import reconciled_lines

        for line in reconciled_lines(results):
            typer.echo(line)
    sys.exit(ALARM if any(one["verdict"] == "alarm" for one in results) else 0)


def span(period: str) -> tuple[int, int]:
    """Return the instants [ms] between which a year, month or day lies (UTC).

    Raises
    ------
    RecordError
        It is none of the three.
    """
    from baseload.record.errors import FormatError

    for form, following in (
        ("%Y", lambda d: d.replace(year=d.year + 1)),
        ("%Y-%m", lambda d: d.replace(year=d.year + d.month // 12, month=d.month % 12 + 1)),
        ("%Y-%m-%d", lambda d: datetime.fromordinal(d.toordinal() + 1).replace(tzinfo=UTC)),
    ):
        try:
            first = datetime.strptime(period, form).replace(tzinfo=UTC)
            last = following(first)
        except (ValueError, OverflowError):
            continue
        return int(first.timestamp() * 1000), int(last.timestamp() * 1000)
    raise FormatError(
        "--period",
        expected="a year, a month or a day",
        found=period,
        mend="write it as 2026, 2026-01 or 2026-01-31",
    )


def computed(
    log: Path, t0: int | None, t1: int | None, size: int | None = None
) -> list[dict[str, Any]]:
    """Return the results of all tests over the first entries of a log.

    Raises
    ------
    RecordError
        There is nothing to test in the period.
    """
    from baseload.record.errors import RecordError
    from baseload.record.events import parse
    from baseload.record.reader import Reader
    from baseload.verify.reconciliation.collect import Collector

    collector = Collector()
    for index, data in enumerate(Reader(log, size).entries()):
        event = parse(data, f"entry {index}")
        entry = {"schema": event.schema, "t0": str(event.t0), "t1": str(event.t1)}
        collector.add(index, entry | {"body": event.body})
    found = collector.results(t0, t1)
    if not found:
        raise RecordError(
            f"log {log}",
            expected="a site and readings in the period",
            found="none",
            mend="write the site as rule.change of kind site, and name a period with readings",
        )
    return found


def _stated(
    log: Path,
    keys: tuple[Path, Path],
    passphrase: str | None,
    source: str,
    period: tuple[int | None, int | None],
) -> tuple[list[dict[str, Any]], int]:
    """Compute the results, write them as a signed statement, and return its index too."""
    import time

    from baseload.record.appending import Appender

    with Appender.open(log, *keys, (passphrase or "").encode()) as appender:
        done = appender.publish()
        for alarm in done.alarms:
            typer.echo(f"alarm: {alarm}", err=True)
        results = computed(log, *period, done.size)
        if not results:
            raise _nothing_to_test(log)
        body = {
            "kind": "reconciliation",
            "inputs": {"size": str(done.size), "root": done.root},
            "period": results[0]["period"],
            "results": results,
        }
        now = int(time.time() * 1000)
        draft = {"schema": "statement/1", "source": source, "t0": now, "t1": now, "body": body}
        return results, appender.append([draft]).start


def _nothing_to_test(log: Path) -> Exception:
    from baseload.record.errors import StoreError

    return StoreError(
        f"log {log}",
        expected="a site (rule.change/1 of kind site) and readings of its meters",
        found="nothing that could be tested",
        mend="append the site and readings, or name another period",
    )
