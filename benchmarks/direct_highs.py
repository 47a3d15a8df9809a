"""The reference workloads handed to HiGHS directly, as someone who knows both would do it.

Arrays in, one call, arrays out; nothing of baseload. Free curtailment is the slack of the
balance row; the must-serve load is one column, as its parts are worth the same.
"""

from __future__ import annotations

import highspy
import numpy as np

from benchmarks import workloads as w

ROWWISE, MAXIMISE = 2, -1


class Arrays:
    """Columns and rows collected as arrays."""

    def __init__(self) -> None:
        self.size, self.row_count = 0, 0
        self.parts: dict[str, list[np.ndarray]] = {
            key: []
            for key in (
                "gain",
                "low",
                "high",
                "integer",
                "count",
                "index",
                "value",
                "least",
                "most",
            )
        }

    def columns(self, gain, low, high, integer=False) -> np.ndarray:
        """Add columns in the shape of `high` and return their indices."""
        shape = np.shape(high)
        index = np.arange(self.size, self.size + int(np.prod(shape))).reshape(shape)
        self.size += index.size
        for key, value in (("gain", gain), ("low", low), ("high", high), ("integer", integer)):
            self.parts[key].append(np.broadcast_to(value, shape).ravel().astype(float))
        return index

    def rows(self, terms, least, most) -> None:
        """Add rows; a term is an index array (rows, entries) and its value."""
        terms = [(i[:, None] if i.ndim == 1 else i, v) for i, v in terms]
        index = np.hstack([i for i, _ in terms])
        value = np.hstack(
            [
                np.broadcast_to(np.reshape(v, (-1, 1)) if np.ndim(v) else v, i.shape)
                for i, v in terms
            ]
        )
        count = len(index)
        self.row_count += count
        self.parts["count"].append(np.full(count, index.shape[1]))
        self.parts["index"].append(index.ravel())
        self.parts["value"].append(value.ravel().astype(float))
        self.parts["least"].append(np.broadcast_to(least, count).astype(float))
        self.parts["most"].append(np.broadcast_to(most, count).astype(float))

    def solve(self, offset: float, gap: float = 1e-4) -> tuple[float, np.ndarray]:
        """Pass everything to HiGHS, solve, and return objective and column values."""
        joined = {key: np.concatenate(value) for key, value in self.parts.items()}
        start = np.concatenate([[0], np.cumsum(joined["count"])]).astype(np.int32)
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        highs.setOptionValue("mip_rel_gap", gap)
        highs.setOptionValue("threads", 1)
        highs.passModel(
            self.size, self.row_count, len(joined["value"]), ROWWISE, MAXIMISE, offset,
            joined["gain"], joined["low"], joined["high"], joined["least"], joined["most"],
            start, joined["index"].astype(np.int32), joined["value"],
            joined["integer"].astype(np.int32),
        )  # fmt: skip
        highs.run()
        objective = highs.getInfo().objective_function_value
        return objective, np.array(highs.getSolution().col_value)


def w1(work: w.Workload) -> tuple[float, np.ndarray]:
    """Solve W1, W1nr or W1t as a linear program."""
    arrays, hours = Arrays(), work.T
    output = arrays.columns(-w.FUEL, work.minimum_mw, work.available_mw)
    served = arrays.columns(w.UNSERVED, 0.0, np.full(hours, w.MUST_SERVE_MW))
    export = arrays.columns(work.price, 0.0, np.full(hours, w.EXPORT_MW))
    mined = arrays.columns(work.value, 0.0, np.repeat(w.FLEET_MW[:, None], hours, axis=1))
    uses = [(served, -1.0), (export, -1.0), (mined.T, -1.0)]
    arrays.rows([(output.T, 1.0), *uses], 0.0, np.inf)
    if work.ramps:
        for unit in output:
            arrays.rows([(unit[1:], 1.0), (unit[:-1], -1.0)], -work.ramp_mw, work.ramp_mw)
    return arrays.solve(-w.UNSERVED * w.MUST_SERVE_MW * hours)


def w4(work: w.Workload, gap: float = 1e-3) -> tuple[float, np.ndarray]:
    """Solve W4 with commitment: status, starts, minimum up time of 72 h."""
    arrays, hours = Arrays(), work.T
    output = arrays.columns(-w.FUEL, 0.0, work.available_mw)
    served = arrays.columns(w.UNSERVED, 0.0, np.full(hours, w.MUST_SERVE_MW))
    export = arrays.columns(work.price, 0.0, np.full(hours, w.EXPORT_MW))
    mined = arrays.columns(work.value, 0.0, np.repeat(w.FLEET_MW[:, None], hours, axis=1))
    status = arrays.columns(0.0, 0.0, np.ones((w.UNITS, hours)), integer=True)
    start = arrays.columns(0.0, 0.0, np.ones((w.UNITS, hours)))
    uses = [(served, -1.0), (export, -1.0), (mined.T, -1.0)]
    arrays.rows([(output.T, 1.0), *uses], 0.0, np.inf)
    for u in range(w.UNITS):
        g, on, go = output[u], status[u], start[u]
        top, base = work.available_mw[u], work.minimum_mw[u]
        arrays.rows([(g, 1.0), (on, -top)], -np.inf, 0.0)
        arrays.rows([(g, 1.0), (on, -base)], 0.0, np.inf)
        arrays.rows([(go[1:], 1.0), (on[1:], -1.0), (on[:-1], 1.0)], 0.0, np.inf)
        arrays.rows([(go[1:], 1.0), (on[:-1], 1.0)], -np.inf, 1.0)
        first = np.maximum(base[1:], work.ramp_mw)
        last = np.maximum(base[:-1], work.ramp_mw)
        change = [(g[1:], 1.0), (g[:-1], -1.0)]
        arrays.rows([*change, (on[:-1], -work.ramp_mw), (go[1:], -first)], -np.inf, 0.0)
        arrays.rows(
            [*change, (on[1:], work.ramp_mw - last), (on[:-1], last), (go[1:], last)], 0.0, np.inf
        )
        length = int(w.MINIMUM_UP_H)
        for t in range(hours):
            window = go[max(0, t - length + 1) : t + 1]
            arrays.rows([(window[None, :], 1.0), (on[t : t + 1], -1.0)], -np.inf, 0.0)
    return arrays.solve(-w.UNSERVED * w.MUST_SERVE_MW * hours, gap)


def w5(work: w.HardWorkload) -> tuple[float, np.ndarray]:
    """Solve W5 as one linear program over the whole year."""
    arrays, hours = Arrays(), work.T
    power, energy, charging, discharging, first = work.battery
    output = arrays.columns(-work.fuel[:, None], work.minimum_mw, work.available_mw)
    house = arrays.columns(w.UNSERVED, 0.0, np.full(hours, w.HOUSE_MW))
    firm = arrays.columns(300.0, 0.0, np.minimum(work.obligation, work.link_limit[0]))
    export = arrays.columns(work.link_price, 0.0, work.link_limit)
    mined = arrays.columns(work.value, 0.0, np.full((3, hours), work.fleet_mw))
    charge = arrays.columns(0.0, 0.0, np.full(hours, power))
    discharge = arrays.columns(0.0, 0.0, np.full(hours, power))
    least = np.zeros(hours)
    least[-1] = first
    level = arrays.columns(0.0, least, np.full(hours, energy))
    arrays.rows(
        [
            (output.T, 1.0),
            (discharge, 1.0),
            (charge, -1.0),
            (house, -1.0),
            (firm, -1.0),
            (export.T, -1.0),
            (mined.T, -1.0),
        ],
        0.0,
        np.inf,
    )
    arrays.rows([(firm, 1.0), (export[0], 1.0)], -np.inf, work.link_limit[0])
    flow = [(charge, -charging), (discharge, 1.0 / discharging)]
    arrays.rows([(level[:1], 1.0), *[(c[:1], v) for c, v in flow]], first, first)
    arrays.rows([(level[1:], 1.0), (level[:-1], -1.0), *[(c[1:], v) for c, v in flow]], 0.0, 0.0)
    for unit in output:
        arrays.rows([(unit[1:], 1.0), (unit[:-1], -1.0)], -work.ramp_mw, work.ramp_mw)
    for unit, start, stop, most in work.budget:
        arrays.rows([(output[unit, start:stop][None, :], 1.0)], -np.inf, most)
    return arrays.solve(-(w.UNSERVED * w.HOUSE_MW * hours + 300.0 * float(work.obligation.sum())))
