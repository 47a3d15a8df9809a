"""``baseload hashprice``: what a hash and a megawatt-hour earn today."""

from __future__ import annotations

from typing import Annotated

import typer

from baseload.show.commands.arguments import AsJson, positive, share

LATEST_HALVING = 840_000
"""Height of the halving of April 2024; the subsidy since is 3.125 BTC."""


def command(
    difficulty: Annotated[
        str, typer.Option(help="Network difficulty, e.g. 126.98e12.", show_default=False)
    ],
    price: Annotated[str, typer.Option(help="USD for one bitcoin.", show_default=False)],
    fee_share: Annotated[str, typer.Option(help="Fees as a share of the subsidy.")] = "0%",
    height: Annotated[
        int, typer.Option(min=0, help="Height of the chain, which sets the subsidy.")
    ] = LATEST_HALVING,
    as_json: AsJson = False,
) -> None:
    """Hashprice, and the revenue of one MWh in each machine, before the pool's fee and cooling."""
    from baseload.bitcoin.consensus import SATOSHI_PER_BTC, subsidy
    from baseload.bitcoin.machines import machine_revenue
    from baseload.bitcoin.revenue import hashprice
    from baseload.show.terminal import print_json

    level, worth = positive(difficulty, "--difficulty"), positive(price, "--price")
    fees = share(fee_share, "--fee-share")
    reward = subsidy(height) / SATOSHI_PER_BTC
    paid = float(hashprice(level, reward, reward * fees, worth))
    rows = machine_revenue(level, worth, fees, reward)
    if as_json:
        print_json({"hashprice_usd_per_ph_day": paid, "subsidy_btc": reward, "machines": rows})
        return
    from baseload.show.text import print_hashprice

    print_hashprice(paid, reward, fees, rows)
