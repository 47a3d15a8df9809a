"""A little of the fuzzing; `make fuzz` does more of it."""

import pytest
from tests.fuzz.__main__ import run
from tests.fuzz.targets import TARGETS, Target, clean


@pytest.fixture(scope="module", autouse=True)
def _clean():
    yield
    clean()


@pytest.mark.parametrize("name", TARGETS)
def test_samples_are_read(name):
    for sample in TARGETS[name].samples():
        TARGETS[name].parse(sample)


@pytest.mark.parametrize("name", TARGETS)
def test_only_their_own_errors_leave_the_parsers(name):
    count, broken = run(name, runs=30 if TARGETS[name].slow else 300, seed=1)
    assert broken == []
    assert count > 0


def test_a_parser_that_lets_something_else_out_is_found(monkeypatch):
    def careless(data):
        return int(data[:4])

    monkeypatch.setitem(TARGETS, "careless", Target(careless, lambda: [b"1234"]))
    assert run("careless", runs=50)[1]
