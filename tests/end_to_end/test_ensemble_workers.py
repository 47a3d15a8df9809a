"""The same futures to the bit, whoever computes them and whatever dies on the way."""

from __future__ import annotations

import functools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from tests.plan.ensemble.counting import CountingSimulator, runs
from tests.show.sample import write_case

from baseload.case.case import Case
from baseload.case.errors import InputError
from baseload.case.load import load
from baseload.plan.cash.accounts import Account
from baseload.plan.ensemble.result import VARIABLES, Ensemble
from baseload.plan.ensemble.run import simulate

ROOT = Path(__file__).resolve().parents[2]
FUTURES = 60


@pytest.fixture(scope="module")
def case(tmp_path_factory) -> Case:
    return load(write_case(tmp_path_factory.mktemp("sample") / "case"))


@pytest.fixture(scope="module")
def reference(case) -> bytes:
    """Every value, as one process finds it."""
    return bits(simulate(case, scenarios=FUTURES, factory=CountingSimulator))


def bits(ensemble: Ensemble) -> bytes:
    """All that an ensemble holds, in one order."""
    found = []
    for name, variable in VARIABLES.items():
        alternatives = ensemble.alternatives if "alternative" in variable.dims else (None,)
        accounts = tuple(Account) if "account" in variable.dims else (None,)
        found += [ensemble.of(name, a, k) for a in alternatives for k in accounts]
    return b"".join(np.ascontiguousarray(values).tobytes() for values in found)


def kill_in_mid_run(log: Path, pid: int | None = None) -> threading.Thread:
    """Kill a process, as soon as three chunks are under way: one of those that compute them."""

    def kill() -> None:
        end = time.monotonic() + 30
        while len(runs(log)) < 3 and time.monotonic() < end:
            time.sleep(0.01)
        os.kill(pid or runs(log)[-1][0], signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


@pytest.mark.parametrize(("workers", "chunk"), [(2, 7), (3, 11)])
def test_processes_and_sizes_of_chunks_do_not_show(case, reference, workers, chunk):
    found = simulate(
        case, scenarios=FUTURES, workers=workers, chunk=chunk, factory=CountingSimulator
    )
    assert bits(found) == reference


def test_a_process_that_is_killed_loses_nothing(case, reference, tmp_path):
    log = tmp_path / "log"
    slow = functools.partial(CountingSimulator, log=str(log), delay=0.1)
    killer = kill_in_mid_run(log)
    found = simulate(case, scenarios=FUTURES, workers=2, chunk=5, factory=slow)
    killer.join()
    assert bits(found) == reference
    # Two processes, and one in the place of the one that died.
    assert len({process for process, _, _ in runs(log)}) == 3


def test_a_chunk_of_which_every_process_dies_is_given_up(case, tmp_path):
    deadly = functools.partial(CountingSimulator, deadly=33)
    with pytest.raises(InputError, match="futures 30 to 39") as caught:
        simulate(
            case, scenarios=FUTURES, workers=2, chunk=10, factory=deadly, folder=tmp_path / "f"
        )
    assert caught.value.found == "3 processes ended before: killed by SIGKILL"
    again = simulate(
        case, scenarios=FUTURES, factory=CountingSimulator, folder=tmp_path / "f", resume=True
    )
    assert again.scenarios == FUTURES


def test_an_error_in_a_process_is_that_of_the_run(case):
    wrong = functools.partial(CountingSimulator, wrong=33)
    with pytest.raises(ArithmeticError, match="no such number"):
        simulate(case, scenarios=FUTURES, workers=2, chunk=10, factory=wrong)


INTERRUPTED = """
import functools, sys
from pathlib import Path
from tests.plan.ensemble.counting import CountingSimulator
from baseload.case.load import load
from baseload.plan.ensemble.run import simulate

if __name__ == "__main__":
    case, folder, log = map(Path, sys.argv[1:])
    slow = functools.partial(CountingSimulator, log=str(log), delay=0.1)
    simulate(load(case), scenarios=60, workers=2, chunk=5, factory=slow, folder=folder)
"""


def test_ctrl_c_leaves_finished_chunks_and_only_the_others_are_computed(case, reference, tmp_path):
    log, folder = tmp_path / "log", tmp_path / "futures"
    (tmp_path / "run.py").write_text(INTERRUPTED)
    process = subprocess.Popen(
        [sys.executable, tmp_path / "run.py", case.folder, folder, log],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    end = time.monotonic() + 30
    while len(runs(log)) < 6 and time.monotonic() < end:
        time.sleep(0.01)
    # A terminal interrupts the command and its processes alike.
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert told.count("KeyboardInterrupt") == 1
    kept = len(list(folder.glob("*.futures")))
    assert 0 < kept < 12
    before = len(runs(log))
    counting = functools.partial(CountingSimulator, log=str(log))
    found = simulate(case, scenarios=FUTURES, chunk=5, factory=counting, folder=folder, resume=True)
    assert len(runs(log)) - before == 12 - kept
    assert bits(found) == reference


# --- Dask -----------------------------------------------------------------------------------


@pytest.fixture
def cluster(tmp_path):
    """Start a scheduler and two workers on this machine; yield its address and the workers."""
    pytest.importorskip("distributed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    where = ["--host", "127.0.0.1", "--port", address.rpartition(":")[2]]
    one = ["--no-nanny", "--nthreads", "1", "--memory-limit", "0", "--death-timeout", "20",
           "--host", "127.0.0.1", "--local-directory", str(tmp_path)]  # fmt: skip
    commands = [["scheduler", *where], ["worker", address, *one], ["worker", address, *one]]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{role}", *rest, "--no-dashboard"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for role, *rest in commands
    ]
    yield address, processes[1:]
    for process in processes:
        process.kill()
        process.wait(10)


def test_a_cluster_that_loses_a_worker_finds_the_same_bits(case, reference, tmp_path, cluster):
    address, workers = cluster
    log = tmp_path / "log"
    slow = functools.partial(CountingSimulator, log=str(log), delay=0.1)
    killer = kill_in_mid_run(log, workers[0].pid)
    found = simulate(case, scenarios=FUTURES, cluster=address, chunk=5, factory=slow)
    killer.join()
    assert workers[0].wait(10) == -signal.SIGKILL
    assert bits(found) == reference
    assert workers[1].pid in {process for process, _, _ in runs(log)}
    # The killed worker had begun something, or nobody would have missed it.
    assert len(runs(log)) >= 12
