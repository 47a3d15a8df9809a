"""Dispatch of a stretch of a case: hour by hour, section by section."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from baseload.case.case import Case
from baseload.case.errors import InputError
from baseload.plan.dispatch.result import Dispatch
from baseload.plan.operation import THOROUGH, Operation, Search, run
from baseload.plan.outcome import World
from baseload.plan.world import setting

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CaseDispatch:
    """Dispatch of one alternative over a stretch of the horizon.

    Attributes
    ----------
    operation : sections, fleets and dispatch.
    start, hours : the stretch [local day, h].
    """

    operation: Operation
    start: dt.date
    hours: float

    @property
    def objective(self) -> float:
        """Money of all sections [USD]."""
        return float(sum(dispatch.objective for dispatch in self.operation.dispatches))

    @property
    def bound(self) -> float:
        """Most that any dispatch could earn [USD]."""
        return float(sum(dispatch.bound for dispatch in self.operation.dispatches))

    @property
    def gap(self) -> float:
        """Relative distance of the objective from the bound [-]."""
        return max(0.0, self.bound - self.objective) / max(1.0, abs(self.objective))

    @property
    def certificate(self) -> str:
        """How optimality was proved, by section where there are several."""
        found = self.sections
        if len(found) == 1:
            return next(iter(found.values())).certificate
        return "; ".join(f"{name}: {dispatch.certificate}" for name, dispatch in found.items())

    @property
    def sections(self) -> Mapping[str, Dispatch]:
        """Dispatch by busbar section."""
        names = (section.name for section in self.operation.sections)
        return dict(zip(names, self.operation.dispatches, strict=True))

    @property
    def times(self) -> dict[str, float]:
        """Seconds by stage, of all sections."""
        total: dict[str, float] = {}
        for dispatch in self.operation.dispatches:
            for stage, seconds in dispatch.times.items():
                total[stage] = total.get(stage, 0.0) + seconds
        return total

    def to_dataset(self) -> xr.Dataset:
        """Return one dataset; variables of several sections carry the section's name.

        Returns
        -------
        The datasets of `baseload.plan.dispatch.result.Dispatch.to_dataset`, their steps
        labelled with the instants (UTC) at which they begin.
        """
        times = self.operation.setting.case.clock.utc[self.operation.stretch].astype(
            "datetime64[ns]"
        )
        parts = {
            name: dispatch.to_dataset().assign_coords(step=times).rename(step="time")
            for name, dispatch in self.sections.items()
        }
        whole = next(iter(parts.values())) if len(parts) == 1 else _side_by_side(parts)
        case = self.operation.setting.case
        return whole.assign_attrs(
            case=case.tree.case.name,
            alternative=self.operation.setting.name,
            objective_usd=self.objective,
            certificate=self.certificate,
            gap=self.gap,
        )

    def __repr__(self) -> str:
        """Return what was dispatched, with units."""
        head = (
            f"{self.operation.setting.case.tree.case.name}, "
            f"'{self.operation.setting.name}', {self.hours:g} h from {self.start}: "
            f"{self.objective:,.2f} USD"
        )
        return "\n".join([head, *(f"{n}: {d!r}" for n, d in self.sections.items())])

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(repr(self))}</pre>"


def _side_by_side(parts: Mapping[str, xr.Dataset]) -> xr.Dataset:
    """Put sections beside each other; what one of them does not have is NaN there."""
    import xarray as xr

    # A section without imports, say, has no labels of them that could be aligned.
    nothing = np.array([], dtype=object)
    named = [
        part.assign_coords({dim: nothing for dim in part.dims if dim not in part.coords})
        for part in parts.values()
    ]
    whole = xr.concat(
        [part.expand_dims(section=[name]) for name, part in zip(parts, named, strict=True)],
        dim="section",
        join="outer",
        combine_attrs="drop",
    )
    for name, variable in whole.data_vars.items():
        variable.attrs |= next(part[name].attrs for part in named if name in part)
    order = {
        dim: list(dict.fromkeys(label for part in named for label in part[dim].values))
        for dim in named[0].dims
        if dim != "time"
    }
    return whole.reindex(order)


def dispatch(
    case: Case,
    alternative: str | None = None,
    *,
    start: dt.date | None = None,
    hours: float | None = None,
    world: World = "opened",
    mines: bool = True,
    search: Search = THOROUGH,
) -> CaseDispatch:
    """Dispatch one alternative of a case, hour by hour.

    Parameters
    ----------
    case : the case.
    alternative : name of the alternative; may be left out where there is just one.
    start : first local day; the start of the horizon if not given.
    hours : length, whole steps [h]; to the end of the horizon if not given.
    world : "today" leaves every gate as it stands; "opened" opens those that are needed.
    mines : False leaves the mines out.
    search : how hard to look for the best.

    Raises
    ------
    baseload.case.errors.InputError
        Where the stretch leaves the horizon or is no whole number of days.
    """
    name = _only(case) if alternative is None else alternative
    begin = start or case.clock.start
    stretch = _stretch(case, begin, hours)
    operation = run(setting(case, name, world), mines=mines, stretch=stretch, search=search)
    return CaseDispatch(operation, begin, (stretch.stop - stretch.start) * case.clock.step)


def _only(case: Case) -> str:
    if not case.alternatives:
        raise InputError(
            str(case.folder / "alternatives.toml"),
            expected="at least one alternative",
            found="none",
            mend='write one, even if it changes nothing: [alternative.base] title = "As it is"',
        )
    if len(case.alternatives) > 1:
        raise InputError(
            "alternative",
            expected="one of " + ", ".join(case.alternatives),
            found="none",
            mend="name the alternative to dispatch",
        )
    return next(iter(case.alternatives))


def _stretch(case: Case, begin: dt.date, hours: float | None) -> slice:
    frame, step = case.tree.case, case.clock.step
    if not frame.start <= begin < frame.end:
        raise InputError(
            "start",
            expected=f"a day of the horizon, {frame.start} to {frame.end - dt.timedelta(days=1)}",
            found=begin.isoformat(),
            mend="choose a day within the horizon",
        )
    first = case.clock.position(begin)
    left = (len(case.clock) - first) * step
    if hours is None:
        return slice(first, len(case.clock))
    if not (0 < hours <= left and (hours / step).is_integer()):
        raise InputError(
            "hours",
            expected=f"a whole number of steps of {step:g} h, at most {left:g} h from that day",
            found=f"{hours:g} h",
            mend="shorten the stretch or begin earlier",
        )
    return slice(first, first + int(hours / step))
