import pickle
import threading

import pytest

from baseload.case.errors import InputError
from baseload.plan.ensemble.chunks import Span
from baseload.plan.ensemble.workers import given_up, sendable


def test_a_chunk_that_is_given_up_is_told_in_four_parts():
    told = str(given_up(Span(30, 40), "killed by SIGKILL")).splitlines()
    assert told[0] == "futures 30 to 39"
    assert told[2] == "  found    3 processes ended before: killed by SIGKILL"
    assert "--resume" in told[3]


def test_an_error_crosses_to_another_process_with_its_traceback():
    try:
        raise ArithmeticError("no such number")
    except ArithmeticError as error:
        found = pickle.loads(pickle.dumps(sendable(error)))
    assert isinstance(found, ArithmeticError)
    assert "test_workers.py" in found.__notes__[0]


def test_an_error_that_cannot_cross_is_told_in_words():
    found = sendable(ValueError("held", threading.Lock()))
    assert type(found) is RuntimeError
    assert "ValueError: ('held'" in str(found)


def test_bad_input_crosses_as_it_is():
    error = InputError("a", expected="b", found="c", mend="d")
    assert sendable(error) is error
    with pytest.raises(InputError, match="expected b"):
        raise pickle.loads(pickle.dumps(sendable(error)))
