"""``baseload dispatch``: where each megawatt-hour goes, hour by hour."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from baseload.case.errors import InputError
from baseload.show.commands.arguments import AsJson, CaseFolder, Name, day

if TYPE_CHECKING:
    import xarray as xr

FORMATS = (".nc", ".parquet", ".csv")


def command(
    case: CaseFolder,
    alternative: Name,
    start: Annotated[str, typer.Option(help="First day, local time.", show_default=False)],
    hours: Annotated[int, typer.Option(min=1, help="Length.", show_default=False)],
    out: Annotated[
        Path, typer.Option(help="File to write: .nc, .parquet or .csv.", show_default=False)
    ],
    gap: Annotated[float, typer.Option(min=0.0, help="Relative gap that is good enough.")] = 1e-6,
    time_limit: Annotated[
        float, typer.Option(min=0.0, help="Seconds; then the best schedule so far is taken.")
    ] = float("inf"),
    as_json: AsJson = False,
) -> None:
    """Dispatch an alternative as if its gates were open, and write every flow of every step."""
    begin = day(start, "--start")
    _check_format(out)
    from baseload.case.load import load
    from baseload.plan.dispatch_case import dispatch
    from baseload.plan.operation import Search
    from baseload.show.folder import write_all
    from baseload.show.terminal import print_json

    search = Search(gap, time_limit)
    made = dispatch(load(case), alternative, start=begin, hours=hours, search=search)
    write_all(out.parent, {out.name: _encoded(made.to_dataset(), out.suffix)})
    if as_json:
        print_json(
            {
                "objective_usd": made.objective,
                "certificate": made.certificate,
                "gap": made.gap,
                "tiers": {name: dict(part.tiers) for name, part in made.sections.items()},
                "times_s": dict(made.times),
                "out": str(out),
            }
        )
        return
    print(f"objective    {made.objective:,.4f} USD")
    print(f"certificate  {made.certificate}, gap {made.gap:.1e}")
    for name, section in made.sections.items():
        decided = ", ".join(f"{share:.2%} {tier}" for tier, share in section.tiers.items() if share)
        print(f"steps        {name}: {decided}")
    print("times        " + ", ".join(f"{step} {s:.3f} s" for step, s in made.times.items()))
    print(f"written to   {out}")


def _check_format(out: Path) -> None:
    if out.suffix not in FORMATS:
        raise InputError(
            f"--out {out}",
            expected="a file ending in " + ", ".join(FORMATS),
            found=repr(out.suffix),
            mend="name the file after the format you want",
        )
    if not out.parent.is_dir():
        raise InputError(
            f"--out {out}",
            expected="a file in a folder that exists",
            found=f"no folder {out.parent}",
            mend="make the folder first",
        )


def _encoded(dataset: xr.Dataset, suffix: str) -> bytes:
    """Return a dataset as the bytes of a file."""
    if suffix == ".nc":
        from baseload.show.folder import netcdf

        return netcdf(dataset)
    table = _flat(dataset)
    stream = io.BytesIO()
    if suffix == ".parquet":
        table.to_parquet(stream)
    else:
        table.to_csv(stream, float_format="%.10g", lineterminator="\n")
    return stream.getvalue()


def _flat(dataset: xr.Dataset) -> Any:
    """Return variables over time as a table of columns such as ``delivered mine a [MW]``."""
    import pandas as pd

    columns = {}
    for name, variable in dataset.data_vars.items():
        if "time" not in variable.dims:
            continue
        labels = [dim for dim in variable.dims if dim != "time"]
        unit = f" [{variable.attrs['units']}]"
        if not labels:
            columns[f"{name}{unit}"] = variable.values
            continue
        stacked = variable.stack(label=labels).transpose("time", "label")
        for index, label in enumerate(stacked.indexes["label"]):
            parts = label if isinstance(label, tuple) else (label,)
            columns[" ".join(map(str, (name, *parts))) + unit] = stacked.values[:, index]
    return pd.DataFrame(columns, index=pd.Index(dataset["time"].values, name="time"))
