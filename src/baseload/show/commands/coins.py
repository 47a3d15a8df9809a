"""``baseload coins``: coins that a hashrate should have found over past days."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from baseload.show.commands.arguments import AsJson, day, share


def command(
    hashrate: Annotated[str, typer.Option(help='Hashrate, e.g. "30.3 EH/s".', show_default=False)],
    start: Annotated[str, typer.Option("--from", help="First day, UTC.", show_default=False)],
    end: Annotated[str, typer.Option("--to", help="Day after the last, UTC.", show_default=False)],
    retargets: Annotated[
        Path,
        typer.Option(
            help="CSV file of difficulty retargets: height, nbits or difficulty, time_unix or "
            "time_utc.",
            show_default=False,
        ),
    ],
    fee_share: Annotated[str, typer.Option(help="Fees as a share of the subsidy.")] = "0%",
    as_json: AsJson = False,
) -> None:
    """Expected coins and blocks of a hashrate over a period, with their Poisson interval."""
    from baseload.bitcoin.retargets import coins, read_retargets
    from baseload.case.units import parse
    from baseload.show.terminal import print_json

    production = coins(
        parse(hashrate, "TH/s", where="--hashrate"),
        day(start, "--from"),
        day(end, "--to"),
        read_retargets(retargets),
        share(fee_share, "--fee-share"),
    )
    if as_json:
        print_json(
            {
                "coins_btc": production.coins_btc,
                "blocks": production.blocks,
                "blocks_p5": production.blocks_p5,
                "blocks_p95": production.blocks_p95,
            }
        )
        return
    print(f"coins   {production.coins_btc:,.4f} BTC")
    print(
        f"blocks  {production.blocks:,.2f} expected; "
        f"{production.blocks_p5:,} to {production.blocks_p95:,} in nine cases of ten"
    )
