"""``baseload network``: how all other miners answer, and how well that fits the past."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from baseload.case.errors import InputError
from baseload.show.commands.arguments import AsJson


def command(
    retargets: Annotated[
        Path | None,
        typer.Option(
            help="CSV file of difficulty retargets to fit to: height, nbits or difficulty, "
            "time_unix or time_utc.",
            show_default=False,
        ),
    ] = None,
    prices: Annotated[
        Path | None,
        typer.Option(
            help="CSV file of daily prices: date or time, price or close.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Picture to draw of the fit, .svg or .png.", show_default=False),
    ] = None,
    parameters: Annotated[
        Path | None,
        typer.Option(help="TOML file to write the fit to.", show_default=False),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(help="Where the files come from, for the report.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How all other miners answer: fitted parameters, errors, two natural experiments."""
    from baseload.bitcoin.competitors import package_data
    from baseload.show.networktable import print_network
    from baseload.show.terminal import print_json

    if retargets is None and prices is None:
        if out is not None or parameters is not None:
            raise _incomplete("neither")
        found = package_data()
    elif retargets is None or prices is None:
        raise _incomplete("only one")
    else:
        found = _fitted(retargets, prices, out, parameters, source)
    if as_json:
        print_json(found)
    else:
        print_network(found)


def _incomplete(found: str) -> InputError:
    return InputError(
        "--retargets, --prices",
        expected="both files, to fit anew",
        found=found,
        mend="name both files, or leave out all options to see the fit that ships",
    )


def _fitted(
    retargets: Path, prices: Path, out: Path | None, parameters: Path | None, source: str | None
) -> dict[str, Any]:
    from baseload.bitcoin.calibration import calibrate
    from baseload.bitcoin.fitreport import report, to_toml
    from baseload.bitcoin.prices import read_prices
    from baseload.bitcoin.retargets import read_retargets
    from baseload.show.folder import write_all
    from baseload.show.networkplot import draw
    from baseload.show.picture_file import check_picture, save_chart

    if out is not None:
        check_picture(out)
    fit = calibrate(read_retargets(retargets), read_prices(prices))
    found = report(fit, source or f"{retargets.name}, {prices.name}")
    if out is not None:
        save_chart(draw(fit), out)
    if parameters is not None:
        write_all(parameters.absolute().parent, {parameters.name: to_toml(found).encode()})
    return found
