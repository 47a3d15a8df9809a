import base64
import threading
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.record import naive
from tests.record.sample import ORIGIN, key, private, vkey

from baseload.record import note
from baseload.record.checkpoint import Checkpoint, parse
from baseload.record.errors import RecordError, StoreError
from baseload.record.fork import parse_fork
from baseload.record.keys import verifier_key
from baseload.record.note import parse_key
from baseload.record.witness.state import WitnessState

LOG = parse_key(vkey("log", ORIGIN))
ENTRIES = [f"{n}".encode() for n in range(12)]
OTHER = [*ENTRIES[:4], b"other", *ENTRIES[5:]]


def signed(entries, by="log", origin=ORIGIN):
    text = str(Checkpoint(origin, len(entries), naive.root(entries)))
    return note.Note(text, (note.sign(text, origin, private(by)),)).encode()


def request(old, entries, proof=None, **more):
    path = naive.consistency(old, entries) if proof is None and old else proof or []
    lines = [f"old {old}", *(base64.b64encode(one).decode() for one in path), "", ""]
    return "\n".join(lines).encode() + signed(entries, **more)


@pytest.fixture
def state(tmp_path):
    made = WitnessState(tmp_path / "w", "witness.one", key("w"), [LOG], clock=lambda: 1_700_000_000)
    yield made
    made.close()


def test_it_signs_what_goes_on_from_what_it_signed(state):
    for old, size in ((0, 3), (3, 3), (3, 7), (7, 12)):
        answer = state.add(request(old, ENTRIES[:size]))
        assert answer.status == 200
        whole = note.parse_note(signed(ENTRIES[:size]) + answer.text.encode())
        key_of = verifier_key(key("w"), "witness.one", witness=True)
        assert note.verify(whole, [key_of]) == [key_of]
        assert note.cosigned_at(whole.signatures[1].signature) == 1_700_000_000
        assert parse(state.newest(ORIGIN))[0].size == size


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (request(0, ENTRIES, origin="another.example.org"), 404),
        (request(0, ENTRIES, by="stranger"), 403),
        (request(13, ENTRIES, proof=[]), 400),
        (request(5, ENTRIES), 409),
        (request(3, ENTRIES[:7], proof=[bytes(32)]), 422),
        (request(3, ENTRIES[:7], proof=[]), 422),
        (request(3, OTHER[:7]), 200),
        (b"", 400),
        (b"old 1\n", 400),
        (b"old x\n\n" + signed(ENTRIES), 400),
        (b"old 0\n" + b"A" * 43 + b"=\n" * 64 + b"\n" + signed(ENTRIES), 400),
        (b"old 0\nAAAA\n\n" + signed(ENTRIES), 400),
        (request(0, ENTRIES)[:-3], 400),
    ],
)
def test_the_statuses_of_the_protocol(state, body, status):
    assert state.add(request(0, ENTRIES[:3])).status == 200
    answer = state.add(body)
    assert answer.status == status
    if status == 409:
        assert (answer.text, answer.kind) == ("3\n", "text/x.tlog.size")


def test_a_proof_does_not_go_with_nothing(state):
    assert state.add(request(0, ENTRIES[:3], proof=[bytes(32)])).status == 422


def test_another_root_for_a_size_is_kept_as_a_proof_of_the_fork(state):
    state.add(request(0, ENTRIES))
    assert state.fork(ORIGIN) is None
    assert state.add(request(12, OTHER, proof=[])).status == 422
    first, second = parse_fork(state.fork(ORIGIN)).check()
    assert (first.root, second.root) == (naive.root(ENTRIES), naive.root(OTHER))
    assert parse(state.newest(ORIGIN))[0].root == naive.root(ENTRIES)


def test_a_log_that_changes_its_key_is_signed_for_with_both(tmp_path):
    second = parse_key(vkey("second", ORIGIN))
    state = WitnessState(tmp_path / "two", "witness.one", key("w"), [LOG, second])
    assert state.add(request(0, ENTRIES[:3])).status == 200
    assert state.add(request(3, ENTRIES, by="second")).status == 200
    assert state.add(request(12, OTHER, proof=[], by="stranger")).status == 403
    assert state.add(request(12, OTHER, proof=[])).status == 422
    proof = parse_fork(state.fork(ORIGIN))
    assert set(proof.logs) == {LOG, second}
    proof.check()
    state.close()


def test_what_nobody_shows_to_go_on_is_kept(state):
    assert state.add(request(0, ENTRIES[:7])).status == 200
    assert state.unproven(ORIGIN) is None
    assert state.add(request(7, OTHER)).status == 422
    assert state.unproven(ORIGIN) == signed(OTHER)
    assert parse(state.newest(ORIGIN))[0].root == naive.root(ENTRIES[:7])


def test_it_remembers_after_it_was_ended(state, tmp_path):
    state.add(request(0, ENTRIES[:7]))
    state.close()
    again = WitnessState(tmp_path / "w", "witness.one", key("w"), [LOG])
    assert again.add(request(0, ENTRIES[:3])).status == 409
    assert again.add(request(7, ENTRIES)).status == 200
    again.close()


def test_two_do_not_share_a_memory(state, tmp_path):
    with pytest.raises(StoreError):
        WitnessState(tmp_path / "w", "witness.one", key("w"), [LOG])


def test_of_many_at_once_one_branch_is_signed(state):
    """The rollback race of the specification: check and store are one step."""
    state.add(request(0, ENTRIES[:3]))
    bodies = [request(3, ENTRIES[:n]) for n in range(4, 12)] * 4
    bodies += [request(3, OTHER[:n], proof=[bytes(32)]) for n in range(5, 12)]
    answers = []
    threads = [
        threading.Thread(target=lambda b=body: answers.append((state.add(b).status, b)))
        for body in bodies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    good = [body for status, body in answers if status == 200]
    assert len(set(good)) == 1
    assert good[0].endswith(signed(ENTRIES[: parse(state.newest(ORIGIN))[0].size]))


class Unwilling:
    """A disk that takes nothing."""

    def __init__(self, disk):
        self.disk = disk

    def __getattr__(self, name):
        return getattr(self.disk, name)

    def write(self, path, data):
        raise OSError(28, "No space left on device")


def test_it_does_not_sign_what_it_cannot_remember(tmp_path):
    from baseload.record.disk import REAL

    made = WitnessState(tmp_path / "w", "w", key("w"), [LOG], disk=Unwilling(REAL))
    with pytest.raises(OSError, match="space"):
        made.add(request(0, ENTRIES))
    assert made.newest(ORIGIN) is None
    made.close()


@given(st.binary(max_size=300))
def test_strange_requests_get_an_answer(tmp_path_factory, data):
    made = WitnessState(tmp_path_factory.mktemp("w"), "w", key("w"), [LOG])
    with suppress(RecordError):
        assert made.add(data).status == 400
    made.close()
