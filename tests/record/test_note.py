import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.record.sample import key, private

from baseload.record import note
from baseload.record.errors import FormatError, RecordError, SignatureError
from baseload.record.keys import verifier_key

# golang.org/x/mod, sumdb/note/note_test.go and its documentation: a public key and a note with
# its signature, made by another implementation.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SIGNED = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng"
    "otpRZb6KE6RyyBwJnAM=\n"
)
TEXT = "a text\nof two lines\n"


def signed(text=TEXT, names=("one",)):
    lines = tuple(note.sign(text, name, private(name)) for name in names)
    return note.Note(text, lines)


def known(*names):
    return [verifier_key(key(name), name) for name in names]


def test_a_note_that_another_implementation_signed_holds():
    peter = note.parse_key(PETER)
    assert str(peter) == PETER
    assert note.verify(note.parse_note(SIGNED.encode()), [peter]) == [peter]


def test_what_is_written_is_read_again():
    made = signed(names=("one", "two"))
    assert note.parse_note(made.encode()) == made


def test_signatures_of_strangers_are_passed_over_and_of_the_known_counted_once():
    made = signed(names=("stranger", "one", "one"))
    assert note.verify(made, known("one", "two")) == known("one")


def test_a_known_key_that_does_not_hold_makes_the_note_worthless():
    made = note.with_signatures(
        signed(names=("two",)), [note.sign("other\n", "one", private("one"))]
    )
    with pytest.raises(SignatureError, match="one"):
        note.verify(made, known("one", "two"))


def test_a_note_of_strangers_only_is_refused():
    with pytest.raises(SignatureError):
        note.verify(signed(names=("stranger",)), known("one"))
    with pytest.raises(SignatureError):
        note.verify(signed(), [])


def test_a_text_may_hold_empty_lines_and_ends_at_the_last():
    made = signed("one\n\ntwo\n")
    assert note.parse_note(made.encode()).text == "one\n\ntwo\n"


def test_a_cosignature_signs_its_time():
    line = note.cosign(TEXT, "w", private("w"), 1_700_000_000)
    witness = verifier_key(key("w"), "w", witness=True)
    assert note.verify(note.Note(TEXT, (line,)), [witness]) == [witness]
    assert note.cosigned_at(line.signature) == 1_700_000_000
    moved = note.NoteSignature("w", line.key_id, bytes(8) + line.signature[8:])
    with pytest.raises(SignatureError):
        note.verify(note.Note(TEXT, (moved,)), [witness])


GOOD = signed().encode().decode()
BAD_NOTES = {
    "carriage returns": GOOD.replace("\n", "\r\n"),
    "no line feed at the end": GOOD[:-1],
    "no empty line": GOOD.replace("\n\n", "\n"),
    "no signature": TEXT + "\n",
    "hyphen instead of a dash": GOOD.replace("—", "-"),
    "NUL": GOOD.replace("a text", "a\x00text"),
    "tab": GOOD.replace("a text", "a\ttext"),
    "two spaces": GOOD.replace("— one ", "— one  "),
    "no base64": GOOD.replace("— one ", "— one !"),
    "no padding": GOOD.replace("=", ""),
    "name with a plus": GOOD.replace("— one", "— o+ne"),
    "name with a no-break space": GOOD.replace("— one", "— o\u00a0ne"),
    "id alone": f"{TEXT}\n— one {base64.b64encode(b'1234').decode()}\n",
    "101 signatures": f"{TEXT}\n" + GOOD.split("\n\n")[1] * 101,
    "empty": "",
}


@pytest.mark.parametrize("name", BAD_NOTES)
def test_bad_notes_are_refused(name):
    with pytest.raises(FormatError):
        note.parse_note(BAD_NOTES[name].encode())


def test_a_hundred_signatures_are_read():
    assert (
        len(note.parse_note((f"{TEXT}\n" + GOOD.split("\n\n")[1] * 100).encode()).signatures) == 100
    )


def test_bytes_that_are_no_text_or_too_many_are_refused():
    for data in (b"\xff\xfe", GOOD.encode().replace(b"a text", b"\xc3"), b"a" * 1_000_001):
        with pytest.raises(FormatError):
            note.parse_note(data)


BAD_KEYS = {
    "two parts": "name+12345678",
    "no name": f"+{PETER.split('+', 1)[1]}",
    "another id": PETER.replace("c74f20a3", "c74f20a4"),
    "upper-case id": PETER.replace("c74f20a3", "C74F20A3"),
    "another algorithm": "n+00000000+" + base64.b64encode(b"\x02" + bytes(32)).decode(),
    "31 bytes": "n+00000000+" + base64.b64encode(b"\x01" + bytes(31)).decode(),
    "url-safe": PETER.replace("/", "_"),
    "empty": "",
}


@pytest.mark.parametrize("name", BAD_KEYS)
def test_bad_keys_are_refused(name):
    with pytest.raises(FormatError):
        note.parse_key(BAD_KEYS[name])


@given(st.binary(max_size=400) | st.integers(0, 300).map(lambda n: GOOD.encode()[:n]))
def test_nothing_but_the_domains_error_leaves_the_parsers(data):
    for parse in (note.parse_note, lambda d: note.parse_key(d.decode("latin-1"))):
        with suppress(RecordError):
            parse(data)


@given(st.integers(0, len(SIGNED.encode()) * 8 - 1))
def test_every_flipped_bit_of_a_signed_note_is_noticed(bit):
    data = bytearray(SIGNED.encode())
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(RecordError):
        note.verify(note.parse_note(bytes(data)), [note.parse_key(PETER)])
