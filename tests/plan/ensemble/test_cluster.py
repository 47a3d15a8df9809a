import pickle
import sys

import pytest
from tests.plan.ensemble.counting import CountingSimulator
from tests.show.sample import write_case

from baseload.case.errors import InputError
from baseload.case.load import load
from baseload.plan.ensemble import cluster
from baseload.plan.ensemble.chunks import ChunkFolder, Identity, Span
from baseload.plan.ensemble.workers import Task


@pytest.fixture
def work(tmp_path):
    case = load(write_case(tmp_path / "case"))
    identity = Identity.of(case, ["pilot"], 0)
    task = Task(case, ("pilot",), 0, 10, CountingSimulator, identity.key)
    return task, ChunkFolder.start(tmp_path / "f", identity)


def reach(work, address, timeout=0.3):
    cluster.by_cluster(*work, [Span(0, 5)], lambda span: None, address, timeout)


@pytest.mark.parametrize(
    "address", ["127.0.0.1:8786", "tcp://:8786", "tcp://host", "tcp://host:port", "http://host:1"]
)
def test_what_is_no_address_of_a_scheduler_is_refused(address):
    with pytest.raises(InputError, match=r"such as tcp://127\.0\.0\.1:8786"):
        cluster.check_address(address)


def test_a_scheduler_that_does_not_answer_is_told_in_time(work):
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match="a Dask scheduler that answers"):
        reach(work, "tcp://127.0.0.1:1")


def test_without_dask_the_extra_is_named(work, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'baseload\[scale\]'"):
        reach(work, "tcp://127.0.0.1:1")


def test_a_worker_of_another_version_refuses(work):
    study = pickle.dumps((work[0], {"numpy": "1.0"}))
    with pytest.raises(InputError, match="the versions of this process"):
        cluster._computed(study, Span(0, 5))


def test_a_worker_prepares_a_study_once(work, monkeypatch):
    prepared = []
    prepare = Task.simulation
    monkeypatch.setattr(
        Task, "simulation", lambda task: (prepared.append(task.seed), prepare(task))[1]
    )
    study = pickle.dumps((work[0], cluster.versions()))
    first, again = (cluster._computed(study, Span(0, 5)) for _ in range(2))
    assert first == again == work[0].chunk(prepare(work[0]), Span(0, 5))
    assert prepared == [0]


def test_where_no_scheduler_answers_it_is_told_before_any_work():
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match="a Dask scheduler that answers"):
        cluster.check_cluster("tcp://127.0.0.1:1", 0.3)
