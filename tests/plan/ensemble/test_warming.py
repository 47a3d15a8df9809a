"""Compiling ahead: what is compiled is what futures call, so that nothing is compiled twice."""

from __future__ import annotations

import pytest
from tests.plan.ensemble.counting import CountingSimulator
from tests.plan.small_cases import small

from baseload.compiled import is_kept
from baseload.plan.ensemble import hours, settle, warming
from baseload.plan.ensemble.run import simulate
from baseload.plan.ensemble.simulator import Simulator


def test_running_through_no_time_compiles_what_a_future_runs(tmp_path):
    warming.compile_hours()
    warming.compile_money()
    Simulator(small(tmp_path), ("all",), 0, 1).run(0, 1)
    for kernel in (hours.run_segments, hours.count_marks, settle.settle_into):
        assert len(kernel.signatures) == 1, kernel


def test_kernels_inside_are_compiled_for_what_they_are_called_with():
    warming.compile_hours()
    for kernel, kinds in warming.INNER.items():
        if not hasattr(kernel, "_cache") or not is_kept(kernel):
            pytest.skip("nothing can be kept on disk here, so nothing tells of the calls")
        kept = {key[0] for key in kernel._cache._cache_file._load_index()}
        assert kept == {kinds}, kernel


@pytest.mark.parametrize("warm", [True, False])
def test_compiling_is_announced_once_and_only_where_it_is_needed(tmp_path, monkeypatch, warm):
    said, done = [], []
    monkeypatch.setattr(warming, "is_warm", lambda: warm)
    monkeypatch.setattr(warming, "warm", lambda *given: done.append(given))
    case = small(tmp_path)
    simulate(case, scenarios=2, chunk=1, progress=lambda step, *_: said.append(step))
    assert said.count(warming.STEP) == len(done) == (0 if warm else 1)
    assert said[0] == "futures"


def test_another_simulation_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(warming, "is_warm", lambda: False)
    monkeypatch.setattr(warming, "warm", lambda *_: pytest.fail("compiled for nothing"))
    assert simulate(small(tmp_path), scenarios=2, factory=CountingSimulator).scenarios == 2
