"""``baseload witness``: sign what a log shows, and prove it if it shows two things."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from baseload.show.commands.arguments import Passphrase

app = typer.Typer(
    help="Sign what a log shows, and prove it if it shows others something else.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
NOT_PROVEN = 4
FORKED = 4


@app.command()
def key(
    file: Annotated[Path, typer.Argument(help="Key file to make.", show_default=False)],
    name: Annotated[str, typer.Option(help="Name of the witness.", show_default=False)],
    passphrase: Passphrase,
) -> None:
    """Make the key of a witness, and print its verifier key."""
    from baseload.record.keys import SoftwareKey, verifier_key

    made = SoftwareKey.generate()
    text = str(verifier_key(made, name, witness=True))
    made.write(file, passphrase.encode())
    typer.echo(text)


@app.command()
def serve(
    folder: Annotated[Path, typer.Option(help="Where it remembers.", show_default=False)],
    key: Annotated[Path, typer.Option(help="Key file of the witness.", show_default=False)],
    name: Annotated[str, typer.Option(help="Name of the witness.", show_default=False)],
    log: Annotated[
        list[str],
        typer.Option(
            help="Verifier key of a log to sign for; may be repeated.", show_default=False
        ),
    ],
    passphrase: Passphrase,
    listen: Annotated[str, typer.Option(help="Host and port; port 0 is a free one.")] = (
        "127.0.0.1:8081"
    ),
) -> None:
    """Answer logs that ask for a signature, until interrupted."""
    from baseload.record.keys import SoftwareKey
    from baseload.record.note import parse_key
    from baseload.record.witness.server import WitnessServer
    from baseload.record.witness.state import WitnessState

    host, _, port = listen.rpartition(":")
    if not port.isdigit() or int(port) > 65_535:
        raise typer.BadParameter("host and port, such as 127.0.0.1:8081", param_hint="--listen")
    state = WitnessState(
        folder,
        name,
        SoftwareKey.read(key, passphrase.encode()),
        [parse_key(text) for text in log],
    )
    with WitnessServer((host or "127.0.0.1", int(port)), state) as server:
        place, number = server.server_address[:2]
        typer.echo(f"{state.key}")
        typer.echo(f"listens at http://{place!s}:{number}")
        sys.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            state.close()


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(help="Folder of a log or kit.", show_default=False)],
    second: Annotated[
        Path, typer.Argument(help="Folder of another copy of it.", show_default=False)
    ],
    log_key: Annotated[
        list[str],
        typer.Option(help="Verifier key of the log; may be repeated.", show_default=False),
    ],
    out: Annotated[Path, typer.Option(help="Fork proof to write.", show_default=False)],
) -> None:
    """Compare two copies of a log, and write the proof if they are of two records.

    Leaves with 0 if one goes on from the other, 4 if the log has forked.
    """
    from baseload.record.fork import fork_between
    from baseload.record.note import parse_key
    from baseload.record.reader import Reader
    from baseload.record.writing import replace

    sides = (Reader(first), Reader(second))
    proof = fork_between([parse_key(text) for text in log_key], *sides)
    if proof is None:
        shorter, longer = sorted(side.size for side in sides)
        typer.echo(f"one record: the {longer:,} entries begin with the {shorter:,}")
        return
    replace(out, proof.encode())
    where = f"from entry {proof.divergence.index:,} on" if proof.divergence else "under one size"
    typer.echo(f"forked: the log has signed two records that differ {where}")
    typer.echo(f"the proof is in {out}; anyone checks it with `baseload witness fork`")
    sys.exit(FORKED)


@app.command()
def fork(
    file: Annotated[Path, typer.Argument(help="Fork proof.")],
    log_key: Annotated[
        list[str] | None,
        typer.Option(help="Verifier key that the log must have; may be repeated."),
    ] = None,
) -> None:
    """Check a fork proof offline: that one log has signed two records.

    Leaves with 0 if it is proven, 4 if not.
    """
    from baseload.record.errors import ProofError, SignatureError
    from baseload.record.fork import parse_fork
    from baseload.record.writing import read

    proof = parse_fork(read(file), str(file))
    try:
        for key in map(str, proof.logs) if log_key else ():
            if key not in (log_key or ()):
                expected = " or ".join(log_key or ())
                mend = "name each key that the log has had"
                raise SignatureError(str(file), expected=expected, found=key, mend=mend)
        first, second = proof.check()
    except (ProofError, SignatureError) as error:
        typer.echo(f"not proven: {error}")
        sys.exit(NOT_PROVEN)
    typer.echo(f"fork proven: {proof.logs[0].name} has signed")
    for found in (first, second):
        typer.echo(f"  size {found.size:>12,}  root {found.root.hex()}")
