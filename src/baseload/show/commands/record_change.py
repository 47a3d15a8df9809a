"""``baseload record change``: draft a change of the rules, approve it, and write it to the log."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from baseload.show.commands.arguments import Passphrase

if TYPE_CHECKING:
    from baseload.record.changing import Draft

app = typer.Typer(
    help="Change who takes part, who may write what, keys, policy, site and agreements.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Kind(StrEnum):
    """What a change is about, as far as a file says it."""

    party = "party"
    source = "source"
    site = "site"
    policy = "policy"


Out = Annotated[Path, typer.Option(help="Draft to write.", show_default=False)]
Origin = Annotated[str, typer.Option(help="Name of the log.", show_default=False)]
Holder = Annotated[
    str,
    typer.Option(help="party:ID, source:ID, log: or witness:NAME.", show_default=False),
]
DraftFile = Annotated[Path, typer.Argument(help="File of the draft.", show_default=False)]


@app.command()
def draft(
    kind: Annotated[Kind, typer.Argument(help="What changes.", show_default=False)],
    file: Annotated[
        Path,
        typer.Argument(help="TOML or JSON file of it; a policy as it is.", show_default=False),
    ],
    origin: Origin,
    out: Out,
) -> None:
    """Draft a party, a source, a site or a policy, new or in place of the present one."""
    from baseload.record.changing import drafted, read_table
    from baseload.record.writing import read_text

    body = read_text(file) if kind is Kind.policy else read_table(file)
    _write(drafted(origin, {"kind": kind.value, kind.value: body}), out)


@app.command()
def key(
    holder: Holder,
    new: Annotated[Path, typer.Option(help="File of the new key.", show_default=False)],
    origin: Origin,
    out: Out,
    passphrase: Passphrase,
    old: Annotated[
        Path | None,
        typer.Option(help="File of the key in force; leave it out if that was revoked."),
    ] = None,
) -> None:
    """Draft that a key takes the place of another; both sign it here."""
    from baseload.record.changing import new_key, replaced_key
    from baseload.record.keys import SoftwareKey

    secret = passphrase.encode()
    following = SoftwareKey.read(new, secret)
    if old is None:
        _write(replaced_key(origin, holder, following), out)
    else:
        _write(new_key(origin, holder, SoftwareKey.read(old, secret), following), out)


@app.command()
def revoke(
    holder: Holder,
    key: Annotated[str, typer.Option(help="Verifier key.", show_default=False)],
    origin: Origin,
    out: Out,
) -> None:
    """Draft that a key is trusted no more: it was stolen, or lost."""
    from baseload.record.changing import revoked

    _write(revoked(origin, holder, key), out)


@app.command()
def agreement(
    log: Annotated[Path, typer.Argument(help="Folder of the log.", show_default=False)],
    file: Annotated[Path, typer.Argument(help="The text agreed on.", show_default=False)],
    title: Annotated[str, typer.Option(help="Its title.", show_default=False)],
    out: Out,
    media: Annotated[str, typer.Option(help="Its media type.")] = "text/plain",
) -> None:
    """Draft an agreement; its text is kept beside the log, and named by its hash."""
    from baseload.record.changing import agreement as drafted
    from baseload.record.reader import Reader
    from baseload.record.writing import read

    origin = Reader(log).checkpoint()[0].origin
    _write(drafted(log, origin, title, read(file), media), out)


@app.command()
def approve(
    file: DraftFile,
    party: Annotated[str, typer.Option(help="Party that approves.", show_default=False)],
    key: Annotated[Path, typer.Option(help="Key file of the party.", show_default=False)],
    passphrase: Passphrase,
    yes: Annotated[bool, typer.Option("--yes", help="Sign without asking.")] = False,
) -> None:
    """Show a draft, and sign it for a party; at a terminal only when told to."""
    import sys

    from baseload.record.changing import read_draft
    from baseload.record.keys import SoftwareKey, verifier_key
    from baseload.record.writing import replace
    from baseload.show.plain import plain

    draft, signer = read_draft(file), SoftwareKey.read(key, passphrase.encode())
    typer.echo(plain(draft.text()), nl=False)
    if sys.stdin.isatty() and not yes:
        typer.confirm(f"sign this as {party}?", abort=True, err=True)
    found = draft.approved(party, signer)
    replace(file, found.text().encode())
    typer.echo(f"approved by {', '.join(one['party'] for one in found.approvals)}", err=True)
    typer.echo(f"signed with {verifier_key(signer, party)}", err=True)


@app.command()
def append(
    log: Annotated[Path, typer.Argument(help="Folder of the log.", show_default=False)],
    file: DraftFile,
    source: Annotated[str, typer.Option(help="Source that writes it.", show_default=False)],
    key: Annotated[Path, typer.Option(help="Key file of the log.", show_default=False)],
    keys: Annotated[
        Path, typer.Option(help="Folder with the keys of the sources.", show_default=False)
    ],
    passphrase: Passphrase,
) -> None:
    """Write an approved draft to the log; the rules hold from the entry after it."""
    import time

    from baseload.record.appending import Appender
    from baseload.record.changing import SCHEMA, check_origin, read_draft

    found, now = read_draft(file), int(time.time() * 1000)
    event = {"schema": SCHEMA, "source": source, "t0": now, "t1": now, "body": found.whole()}
    with Appender.open(log, key, keys, passphrase.encode()) as appender:
        check_origin(found, appender.log.origin, file)
        typer.echo(f"entry {appender.append([event]).start}")


def _write(found: Draft, out: Path) -> None:
    from baseload.record.writing import replace

    replace(out, found.text().encode())
    typer.echo(f"draft {out}: have it approved with `baseload record change approve`")
