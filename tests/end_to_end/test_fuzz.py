"""A little of the fuzzing; `make fuzz` does more of it."""

import pytest
from tests.fuzz.__main__ import run
from tests.fuzz.targets import TARGETS, Target, clean


@pytest.fixture(scope="module", autouse=True)
def _clean():
    yield
    clean()


def _error_of(target, data):
    """The error that a parser raises, of whatever kind."""
    try:
        target.parse(data)
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize("name", TARGETS)
def test_samples_are_read(name):
    samples = TARGETS[name].samples()
    assert samples
    for sample in samples:
        assert _error_of(TARGETS[name], sample) is None


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
