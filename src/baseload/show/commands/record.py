"""``baseload record``: begin a record, write to it, look into it, prove and publish it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from baseload.show.commands import (
    record_anchor,
    record_change,
    record_example,
    record_query,
    record_validate,
)
from baseload.show.commands.arguments import Passphrase

if TYPE_CHECKING:
    from baseload.record.publishing import Published

app = typer.Typer(
    help="What happened, written so that an outsider can check it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("example")(record_example.command)
app.command("query")(record_query.command)
app.command("validate")(record_validate.command)
app.add_typer(record_change.app, name="change")
app.add_typer(record_anchor.app, name="anchor")

LogFolder = Annotated[Path, typer.Argument(help="Folder of the log.", show_default=False)]
KeyFile = Annotated[Path, typer.Option("--key", help="Key file of the log.", show_default=False)]


@app.command()
def init(
    log: LogFolder,
    charter: Annotated[
        Path, typer.Option(help="TOML file: origin, parties, sources, policy.", show_default=False)
    ],
    keys: Annotated[Path, typer.Option(help="Folder for the keys made here.", show_default=False)],
    passphrase: Passphrase,
) -> None:
    """Begin a log: make the keys, write the charter as its first entry, publish it.

    Keys that the charter file does not give are made and written to the folder of keys, each in a
    file of its own with the passphrase; parties who hold their own give their verifier keys.
    """
    from baseload.record.begin import begin

    begun = begin(log, charter, keys, passphrase.encode())
    typer.echo(f"log      {log}, 1 entry")
    typer.echo(f"keys     {', '.join(begun.made) or 'none made'} in {keys}")
    typer.echo(f"policy   {begun.policy}")
    typer.echo(f"log key  {begun.log_key}")
    typer.echo(f"charter  {begun.charter}")
    typer.echo("Hand the last three to every party, each by a way of its own.")


@app.command()
def key(
    file: Annotated[Path, typer.Argument(help="Key file to make.", show_default=False)],
    name: Annotated[str, typer.Option(help="Id of the party or source, or origin of the log.")],
    passphrase: Passphrase,
) -> None:
    """Make a key that a party keeps to itself, and print the verifier key to hand on."""
    from baseload.record.keys import SoftwareKey, verifier_key

    made = SoftwareKey.generate()
    text = str(verifier_key(made, name))
    made.write(file, passphrase.encode())
    typer.echo(text)


@app.command()
def blob(
    log: LogFolder,
    file: Annotated[Path, typer.Argument(help="Payload to keep.", show_default=False)],
    media: Annotated[str, typer.Option(help="Its media type.")] = "application/octet-stream",
) -> None:
    """Keep a payload beside the log, and print the table by which an entry names it."""
    from json import dumps

    from baseload.record.blobs import keep
    from baseload.record.writing import read

    typer.echo(dumps(keep(log, read(file), media)))


@app.command()
def append(
    log: LogFolder,
    key: KeyFile,
    keys: Annotated[
        Path, typer.Option(help="Folder with the keys of the sources.", show_default=False)
    ],
    passphrase: Passphrase,
    publish: Annotated[bool, typer.Option("--publish", help="Sign and publish after it.")] = False,
) -> None:
    """Append events: JSON lines on standard input.

    Each line has schema, source, t0, t1 and body, and may have clock: numbering, chaining and
    signing are done here, with the key file source-NAME of each source. What the rules of the log
    do not allow is refused before anything of the same batch is written.
    """
    from baseload.record.appending import Appender

    with Appender.open(log, key, keys, passphrase.encode()) as appender:
        try:
            for found in appender.lines(sys.stdin.buffer):
                typer.echo(f"{found.start} to {found.stop - 1}")
        finally:  # what was written before a line that is refused is signed for as well
            if heads := appender.vouch():
                typer.echo(f"{heads.start} to {heads.stop - 1}, signatures of the sources")
        if publish:
            _tell(appender.publish())


@app.command("import")
def import_(
    log: LogFolder,
    files: Annotated[
        list[Path], typer.Argument(help="CSV files, in order of time.", show_default=False)
    ],
    mapping: Annotated[
        Path, typer.Option("--map", help="TOML file: how to read them.", show_default=False)
    ],
    key: KeyFile,
    keys: Annotated[
        Path, typer.Option(help="Folder with the keys of the sources.", show_default=False)
    ],
    passphrase: Passphrase,
    late: Annotated[
        str | None, typer.Option(help="Why they come later than the charter allows.")
    ] = None,
) -> None:
    """Import readings from CSV files of meters, exact to the watt-hour, all or none of them.

    What could be read in two ways, occurs twice, is missing or is no whole watt-hour is refused
    with file and row, unless the mapping says what to do.
    """
    from baseload.record.appending import Appender
    from baseload.record.meterfile import readings
    from baseload.record.metermap import read_map

    told = read_map(mapping)
    with Appender.open(log, key, keys, passphrase.encode()) as appender:
        drafts = readings(files, told, appender.intervals.spans(), late)
        found = appender.append(drafts)
        appender.vouch()
    typer.echo(f"{len(drafts):,} readings: {found.start} to {found.stop - 1}")


@app.command()
def tail(
    log: LogFolder,
    count: Annotated[int, typer.Option("-n", min=0, help="How many.")] = 10,
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what is published, until Ctrl-C.")
    ] = False,
) -> None:
    """Print the last entries, one a line, each after its index."""
    from baseload.record.reader import Reader
    from baseload.record.tailing import following, last
    from baseload.show.plain import plain

    reader = Reader(log)
    for index, data in last(reader, count, source):
        typer.echo(f"{index} {plain(data.decode())}")
    if follow:
        for index, data in following(log, reader.size, source):
            typer.echo(f"{index} {plain(data.decode())}")


@app.command()
def prove(
    log: LogFolder,
    index: Annotated[int, typer.Argument(min=0, help="Index of the entry.")],
    out: Annotated[
        Path | None, typer.Option(help="Proof file to write; printed if left out.")
    ] = None,
) -> None:
    """Prove that an entry is in a log: a tlog-proof file that is checked before it is written."""
    from baseload.record.merkle import leaf_hash, verify_inclusion
    from baseload.record.proof import prove as proof_of
    from baseload.record.reader import Reader
    from baseload.record.writing import replace

    reader = Reader(log)
    entry, proof = reader.entry(index), proof_of(reader, index)
    verify_inclusion(
        index, proof.checkpoint.size, leaf_hash(entry), proof.path, proof.checkpoint.root
    )
    if out is None:
        typer.echo(proof.encode().decode(), nl=False)
        return
    replace(out, proof.encode())
    typer.echo(entry.decode())
    typer.echo(f"entry {index} of {proof.checkpoint.size:,}: {len(proof.path)} hashes in {out}")


@app.command()
def audit(
    log: LogFolder,
    log_key: Annotated[
        list[str] | None,
        typer.Option(help="Verifier key of the log; may be repeated, after a change of keys."),
    ] = None,
) -> None:
    """Check a log from its entries up: tiles, kept checkpoints and, with the key, signatures.

    The operator's own check, with the code that writes logs: leaves with 1 if something is wrong.
    An outsider uses `baseload inspect`, which shares none of it and checks what entries say too.
    """
    from baseload.record.audit import audit as audited
    from baseload.record.note import parse_key

    found = audited(log, tuple(parse_key(one) for one in log_key or ()))
    typer.echo(
        f"{found.size:,} entries, {found.tiles:,} tiles, {found.checkpoints:,} checkpoints: "
        + ("sound" if not found.problems else f"{len(found.problems)} problems")
    )
    for one in found.problems:
        place = "" if one.index is None else f", entry {one.index}"
        typer.echo(f"{one.file}{place}\n  expected {one.expected}\n  found    {one.found}")
    if found.problems:
        raise typer.Exit(1)


@app.command()
def publish(
    log: LogFolder,
    key: KeyFile,
    passphrase: Passphrase,
    policy: Annotated[
        Path | None, typer.Option(help="Policy file; witnesses with an address are asked.")
    ] = None,
    kit: Annotated[
        Path | None, typer.Option(help="Kit to write: a folder, or a name that ends in .zip.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="Folder for a web server, brought up to date.")
    ] = None,
    anchors: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Folder of anchors, SIZE.ots, that the kit takes along.",
        ),
    ] = None,
    headers: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Folder of block headers, FIRST.bin, for the kit."
        ),
    ] = None,
) -> None:
    """Sign and publish a checkpoint of all entries, have it witnessed, and write a kit.

    The log folder can be served as it is by any web server, but for its files
    state, lock and index.sqlite.
    Too few witnesses do not keep a checkpoint from being published: that is told as an alarm.
    """
    from baseload.record import kit as kits
    from baseload.record.publishing import publish as published
    from baseload.verify.bundle import bundle

    if kit is not None:
        kits.check_free(kit)
    done = published(log, key, passphrase.encode(), policy, to)
    _tell(done)
    if to is not None:
        from baseload.record.copying import copy_to

        typer.echo(f"copy {to}: {copy_to(log, to):,} files")
    if kit is not None:
        kits.write(log, kit, bundle(), done.policy, headers, anchors)
        typer.echo(f"kit {kit}")


def _tell(done: Published) -> None:
    """Say what was published, and what went wrong with witnesses."""
    typer.echo(f"{done.size:,} entries, root {done.root}, witnessed {done.have}/{done.of}")
    for alarm in done.alarms:
        typer.echo(f"alarm: {alarm}", err=True)
