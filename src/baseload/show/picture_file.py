"""Pictures in files of their own: refused before the work, and written whole or not at all."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Final

from baseload.case.errors import InputError
from baseload.show.folder import write_all

if TYPE_CHECKING:
    import altair as alt

SUFFIXES: Final = (".svg", ".png")
"""Endings of the files that a chart can be written to."""

_SCALE: Final = 2.0
"""Dots of a .png for each of the chart's own."""


def check_picture(file: Path, suffixes: tuple[str, ...] = SUFFIXES) -> None:
    """Refuse a file that no picture can be written to.

    Parameters
    ----------
    file : what was asked for.
    suffixes : endings that the picture may have, in small letters.

    Raises
    ------
    InputError
        The name has none of the endings, or its folder does not exist.
    """
    if file.suffix.lower() in suffixes and file.absolute().parent.is_dir():
        return
    raise InputError(
        f"--out {file}",
        expected=f"a file ending on {' or '.join(suffixes)}, in a folder that exists",
        found=f"{file.name} in {file.absolute().parent}",
        mend=f"write for example --out picture{suffixes[0]}, in a folder made before",
    )


def save_chart(chart: alt.VConcatChart, file: Path) -> None:
    """Write a chart; the ending of the file says whether as .svg or .png.

    Raises
    ------
    InputError
        As `check_picture`, or the folder cannot be written to.
    """
    check_picture(file)
    if file.suffix.lower() == ".svg":
        text = io.StringIO()
        chart.save(text, format="svg")
        save_picture(text.getvalue(), file)
        return
    dots = io.BytesIO()
    chart.save(dots, format="png", scale_factor=_SCALE)
    write_all(file.absolute().parent, {file.name: dots.getvalue()})


def save_picture(svg: str, file: Path) -> None:
    """Write a picture that is text."""
    write_all(file.absolute().parent, {file.name: svg.encode()})
