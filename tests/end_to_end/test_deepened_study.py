import pytest
from tests.plan.small_cases import studied

from baseload.show.folder import Options
from baseload.show.make import Means, make


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Study the small case in thirty futures, as the command does."""
    case = studied(tmp_path_factory.mktemp("deepened"))
    return make(case, Options((), "en", 7, 30), Means())


def test_every_alternative_is_in_the_same_futures(made):
    assert made.ensemble.alternatives == ("status-quo", "pilot", "large")
    assert made.ensemble.scenarios == 30


def test_without_arrangements_there_is_nothing_to_share(made):
    assert made.case.arrangements == {}
    assert made.prospects == ()


def test_knowing_a_signal_is_never_worth_more_than_knowing_everything(made):
    worth = made.worth
    assert worth.subject in ("pilot", "large")
    assert worth.signals
    for signal in worth.signals:
        assert 0.0 <= signal.worth <= worth.evpi + 1e-6


def test_the_subject_of_the_worth_is_sized(made):
    (sizing,) = made.sizings
    assert sizing.alternative == made.worth.subject
