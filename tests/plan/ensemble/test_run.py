import functools

import pytest
from tests.plan.ensemble.counting import CountingSimulator, runs
from tests.show.sample import write_case

from baseload.case.errors import InputError
from baseload.case.load import load
from baseload.plan.ensemble.run import check_resume, simulate


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return load(write_case(tmp_path_factory.mktemp("sample") / "case"))


@pytest.fixture
def counting(tmp_path):
    return functools.partial(CountingSimulator, log=str(tmp_path / "log"))


def stop_after(futures: int):
    def progress(step: str, done: int, total: int) -> None:
        if done >= futures:
            raise KeyboardInterrupt

    return progress


def test_an_ensemble_knows_what_was_drawn(case):
    found = simulate(case, ["pilot"], scenarios=12, seed=5, chunk=5, factory=CountingSimulator)
    assert (found.alternatives, found.scenarios, found.seed) == (("pilot",), 12, 5)
    assert found.unknowns == ("bitcoin.price", "plant.unit.U1.gross")
    assert (found.gates, found.areas) == (("restart",), ("north", "south"))
    assert found.years.tolist() == [2027, 2028, 2029, 2030]
    assert found.simplified == CountingSimulator.simplified


def test_progress_counts_futures(case):
    told = []
    simulate(
        case, scenarios=12, chunk=5, factory=CountingSimulator, progress=lambda *a: told.append(a)
    )
    assert told == [("futures", done, 12) for done in (0, 5, 10, 12)]


def test_after_an_interruption_only_what_is_missing_is_computed(case, counting, tmp_path):
    run = functools.partial(simulate, case, scenarios=20, chunk=5, folder=tmp_path / "f")
    with pytest.raises(KeyboardInterrupt):
        run(factory=counting, progress=stop_after(10))
    run(factory=counting, resume=True)
    assert [(a, b) for _, a, b in runs(tmp_path / "log")] == [(0, 5), (5, 10), (10, 15), (15, 20)]


def test_a_truncated_chunk_is_computed_again(case, counting, tmp_path):
    run = functools.partial(simulate, case, scenarios=20, chunk=5, folder=tmp_path / "f")
    whole = run(factory=counting).of("npv")
    [second] = (tmp_path / "f").glob("000000005-*")
    second.write_bytes(second.read_bytes()[:-100])
    again = run(factory=counting, resume=True)
    assert [(a, b) for _, a, b in runs(tmp_path / "log")[4:]] == [(5, 10)]
    assert (again.of("npv") == whole).all()


def test_more_futures_of_the_same_study_are_added_to_those_there_are(case, counting, tmp_path):
    run = functools.partial(simulate, case, factory=counting, folder=tmp_path / "f")
    run(scenarios=12, chunk=5)
    more = run(scenarios=20, chunk=8, resume=True)
    assert [(a, b) for _, a, b in runs(tmp_path / "log")[3:]] == [(12, 20)]
    assert more.of("coins", "pilot").shape == (20, 4)


def test_without_resume_everything_is_computed_anew(case, counting, tmp_path):
    for _ in range(2):
        simulate(case, scenarios=10, chunk=5, factory=counting, folder=tmp_path / "f")
    assert len(runs(tmp_path / "log")) == 4


def test_a_study_of_another_seed_is_refused_on_resume(case, counting, tmp_path):
    folder = tmp_path / "f"
    simulate(case, scenarios=10, seed=1, factory=counting, folder=folder)
    with pytest.raises(InputError, match="seed 1 instead of 2"):
        simulate(case, scenarios=10, seed=2, factory=counting, folder=folder, resume=True)
    with pytest.raises(InputError, match="seed 1 instead of 2"):
        check_resume(case, None, seed=2, folder=folder)
    check_resume(case, None, seed=1, folder=folder)


def test_a_temporary_folder_goes_with_the_result(case):
    found = simulate(case, scenarios=3, factory=CountingSimulator)
    place = found.shelf._keep.name
    assert found.of("coins", "pilot").shape == (3, 4)
    found.shelf._keep.cleanup()
    with pytest.raises(FileNotFoundError, match=place):
        found.of("coins", "pilot")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"scenarios": 0}, "--scenarios 0"),
        ({"scenarios": 5, "seed": -1}, "--seed -1"),
        ({"scenarios": 5, "workers": 0}, "--workers 0"),
        ({"scenarios": 5, "resume": True}, "resume=True"),
        ({"scenarios": 5, "cluster": "127.0.0.1"}, "--cluster 127.0.0.1"),
        ({"scenarios": 5, "cluster": "tcp://127.0.0.1:1", "workers": 2}, "found    both"),
        ({"scenarios": 5, "alternatives": ["pilt"]}, 'did you mean "pilot"'),
    ],
)
def test_an_argument_that_cannot_be_is_refused(case, arguments, told):
    with pytest.raises(InputError, match=told):
        simulate(case, factory=CountingSimulator, **arguments)
