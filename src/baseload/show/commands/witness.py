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
def fork(
    file: Annotated[Path, typer.Argument(help="Fork proof.")],
    log_key: Annotated[
        str | None, typer.Option(help="Verifier key that the log must have.")
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
        if log_key is not None and str(proof.log) != log_key:
            raise SignatureError(
                str(file), expected=log_key, found=str(proof.log), mend="name the log's own key"
            )
        first, second = proof.check()
    except (ProofError, SignatureError) as error:
        typer.echo(f"not proven: {error}")
        sys.exit(NOT_PROVEN)
    typer.echo(f"fork proven: {proof.log.name} has signed")
    for found in (first, second):
        typer.echo(f"  size {found.size:>12,}  root {found.root.hex()}")
