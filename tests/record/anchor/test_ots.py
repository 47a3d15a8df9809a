"""Proofs of OpenTimestamps, held against the inspector's reader and against the public chain."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baseload.record.anchor.ots import (
    APPEND,
    HEXLIFY,
    MAGIC,
    MAX_DEPTH,
    PREPEND,
    REVERSE,
    SHA1,
    SHA256,
    Bitcoin,
    Pending,
    Step,
    Timestamp,
    Unknown,
    decode,
    decode_file,
    encode,
    encode_file,
    number,
)
from baseload.record.errors import FormatError, RecordError
from baseload.verify.findings import Refused
from baseload.verify.headers import read_headers
from baseload.verify.ots import read_ots

DIGEST = sha256(b"a checkpoint").digest()
HEAD = MAGIC + b"\x01\x08" + DIGEST
PENDING = b"\x00" + bytes.fromhex("83dfe30d2ef90c8e")
BITCOIN = b"\x00" + bytes.fromhex("0588960d73d71901")
FOOBAR = PENDING + b"\x07\x06foobar"

# Two public calendars of 2017: opentimestamps/rust-opentimestamps, src/lib.rs, SMALL_TEST
# (Apache-2.0 or MIT).
PUBLIC = bytes.fromhex(
    "004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e89294"
    "0108a70dfe69c5a0d62816781abb6e1777854718624a0d194231adb14c32ee5438a4"
    "f0107a4605de0a5b37cb211759c6812bfe2e08ff"
    "f010244b79d578aa38e34f427b0f3ed255a508f10458a4c257f008a1a92c61d5417206"
    "0083dfe30d2ef90c8e2c2b68747470733a2f2f626f622e6274632e63616c656e6461722e"
    "6f70656e74696d657374616d70732e6f7267"
    "f010e0278591e2886819ba7b3ddd632ed3fe08f10458a4c256f00838f2c7f4baf4bcd7"
    "0083dfe30d2ef90c8e2e2d68747470733a2f2f616c6963652e6274632e63616c656e6461722e"
    "6f70656e74696d657374616d70732e6f7267"
)

# Block 170 of the public chain, and around the 32 bytes of the output that it spends its payment.
HEADER_170 = bytes.fromhex(
    "0100000055bd840a78798ad0da853f68974f3d183e2bd1db6a842c1feecf222a00000000"
    "ff104ccb05421ab93e63f8c3ce5c2c2e9dbb37de2764b3a3175c8166562cac7d51b96a49ffff001d283e9e70"
)
COINBASE_170 = "b1fea52486ce0c62bb442b530a3f0132b826c74e473d1f2c220bfa78111c5082"
SPENT = "c997a5e56e104102fa209c6a852dd90660a20b2d9c352423edce25857fcd3704"
BEFORE = "0100000001"
AFTER = (
    "000000004847304402204e45e16932b8af514961a1d3a1a25fdf3f4f7732e9d624c6c61548ab5fb8cd410220181522"
    "ec8eca07de4860a4acdd12909d831cc56cbbac4622082221a8768d1d0901ffffffff0200ca9a3b0000000043410"
    "4ae1a62fe09c5f51b13905f07f06b99a2f7159b2225f374cd378d71302fa28414e7aab37397f554a7df5f142c21"
    "c1b7303b8a0626f1baded5c72a704f7e6cd84cac00286bee0000000043410411db93e1dcdb8a016b49840f8c53b"
    "c1eb68a382e97b1482ecad7b148a6909a5cb2e0eaddfb84ccf9744464f82e160bfa9b8b64f9d4c03f999b8643f6"
    "56b412a3ac00000000"
)


def test_a_proof_into_a_block_of_the_public_chain():
    stamp = Timestamp(bytes.fromhex(SPENT))
    twice = Step(SHA256), Step(SHA256)
    end = stamp.then(
        Step(PREPEND, bytes.fromhex(BEFORE)), Step(APPEND, bytes.fromhex(AFTER)), *twice,
        Step(PREPEND, bytes.fromhex(COINBASE_170)[::-1]), *twice,
    )  # fmt: skip
    end.attestations.add(Bitcoin(170))
    (header,) = read_headers(HEADER_170, 170)
    assert header.hash[::-1].hex() == (
        "00000000d1145790a8694403d4063f323d499e655c83426834d4ce2f8dd4a2ee"
    )
    digest, (found,) = read_ots(encode_file(stamp))
    assert (digest.hex(), found.message, found.height) == (SPENT, header.merkle_root, 170)


def test_a_proof_of_public_calendars_is_read_and_written_again():
    stamp = decode_file(PUBLIC)
    assert encode_file(stamp) == PUBLIC
    (bob, first), (alice, second) = stamp.ends()
    assert [one.uri.split(".")[0] for one in (first, second)] == ["https://bob", "https://alice"]
    assert [bob[:4].hex(), alice[:4].hex()] == ["58a4c257", "58a4c256"]
    assert read_ots(PUBLIC)[1] == [
        ("pending", bob, 0, first.uri), ("pending", alice, 0, second.uri),
    ]  # fmt: skip


def test_attestations_come_first_and_in_order():
    """The order of python-opentimestamps, core/timestamp.py, serialize."""
    stamp = Timestamp(b"foo")
    stamp.attestations = {Pending("foobaz"), Pending("barfoo"), Pending("foobar")}
    more = [FOOBAR.replace(b"foobar", name) for name in (b"barfoo", b"foobar", b"foobaz")]
    assert encode(stamp) == b"\xff" + more[0] + b"\xff" + more[1] + more[2]
    stamp.then(Step(SHA256)).attestations.add(Pending("foobar"))
    assert encode(stamp) == b"".join(b"\xff" + one for one in more) + b"\x08" + FOOBAR
    stamp.attestations = {Bitcoin(300), Bitcoin(200), Unknown(b"\x01" * 8, b"")}
    assert encode(stamp) == (
        b"\xff\x00" + b"\x01" * 8 + b"\x00" + b"\xff" + BITCOIN + b"\x02\xc8\x01"
        + b"\xff" + BITCOIN + b"\x02\xac\x02" + b"\x08" + FOOBAR
    )  # fmt: skip


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Step(APPEND, b"x"), b"abx"),
        (Step(PREPEND, b"x"), b"xab"),
        (Step(REVERSE), b"ba"),
        (Step(HEXLIFY), b"6162"),
        (Step(SHA1), bytes.fromhex("da23614e02469a0d7c7bd1bdab5c9c474b1904dc")),
    ],
)
def test_steps(step, expected):
    assert step(b"ab") == expected


def test_numbers_are_groups_of_seven_bits():
    found = [number(value).hex() for value in (0, 127, 128, 358_391, 2**64 - 1)]
    assert found == ["00", "7f", "8001", "f7ef15", "ff" * 9 + "01"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "OpenTimestamps"),
        (MAGIC, "1 bytes more"),
        (MAGIC + b"\x02\x08" + DIGEST + FOOBAR, "version 1"),
        (MAGIC + b"\x01\x02" + DIGEST[:20] + FOOBAR, "SHA-256"),
        (HEAD, "1 bytes more"),
        (HEAD + FOOBAR[:-1], "bytes more"),
        (HEAD + FOOBAR + b"\x00", "nothing after"),
        (HEAD + b"\x67" + FOOBAR, "a step that is known"),
        (HEAD + b"\xff\xff" + FOOBAR + FOOBAR, "a step that is known"),
        (HEAD + b"\xf0\x00" + FOOBAR, "1 to 4,096 bytes"),
        (HEAD + b"\xf0\x81\x20" + bytes(4097) + FOOBAR, "1 to 4,096 bytes"),
        (HEAD + b"\xf0\xe1\x1f" + bytes(4065) + FOOBAR, "a message of 1 to 4,096"),
        (HEAD + b"\xf3" * 8 + FOOBAR, "a message of 1 to 4,096"),
        (HEAD + b"\x08" * 256 + FOOBAR, "255 steps in a row"),
        (HEAD + b"\xff\x08" * 6000 + FOOBAR, "255 steps in a row"),
        (HEAD + (b"\xff" + FOOBAR) * 10_000 + FOOBAR, "10,000 steps"),
        (HEAD + b"\xf0" + b"\xff" * 9 + b"\x02", "64 bits"),
        (HEAD + b"\xf0" + b"\xff" * 11, "64 bits"),
        (HEAD + BITCOIN + b"\x0a" + b"\x80" * 9 + b"\x02", "64 bits"),
        (HEAD + PENDING + b"\x81\x40" + bytes(8193), "0 to 8,192"),
        (HEAD + PENDING + b"\xeb\x07\xe9\x07" + b"a" * 1001, "0 to 1,000"),
        (HEAD + PENDING + b"\x08\x06foobar!", "nothing after"),
        (HEAD + BITCOIN + b"\x02\x07\x07", "nothing after"),
        (HEAD + PENDING + b"\x05\x04\x1b[2J", "an address"),
        (HEAD + PENDING + b"\x03\x02\xc3\xa4", "an address"),
    ],
)
def test_what_is_no_proof_is_refused_by_both(data, expected):
    with pytest.raises(FormatError, match=expected) as caught:
        decode_file(data, "7.ots")
    assert caught.value.where.startswith("7.ots")
    with pytest.raises(Refused):
        read_ots(data)


def test_as_deep_as_the_format_allows():
    data = HEAD + b"\x08" * (MAX_DEPTH - 1) + FOOBAR
    assert encode_file(decode_file(data)) == data
    assert len(read_ots(data)[1]) == 1


def test_what_leads_nowhere_or_too_deep_is_not_written():
    stamp = Timestamp(DIGEST)
    with pytest.raises(FormatError, match="at the end of each path"):
        encode_file(stamp)
    stamp.then(*[Step(SHA256)] * MAX_DEPTH).attestations.add(Bitcoin(1))
    with pytest.raises(FormatError, match="steps in a row"):
        encode_file(stamp)
    with pytest.raises(FormatError, match=r"one of 61"):
        Timestamp(b"a").merge(Timestamp(b"b"))


words = st.binary(min_size=1, max_size=40)
attested = st.one_of(
    st.integers(0, 2**64 - 1).map(Bitcoin),
    st.from_regex(r"[a-z0-9\-._/:]{0,30}", fullmatch=True).map(Pending),
    st.builds(Unknown, st.binary(min_size=8, max_size=8).map(lambda b: b"\xee" + b[1:]), words),
)
steps = st.one_of(
    st.builds(Step, st.sampled_from([APPEND, PREPEND]), words),
    st.sampled_from([SHA1, SHA256, REVERSE, HEXLIFY]).map(Step),
)
paths = st.lists(st.tuples(st.lists(steps, max_size=6), attested), min_size=1, max_size=8)


def tree(found):
    stamp = Timestamp(DIGEST)
    for path, end in found:
        stamp.then(*path).attestations.add(end)
    return stamp


def told(stamp):
    """What the inspector reads in a proof, from what the record says of it."""
    kinds = {Bitcoin: "bitcoin", Pending: "pending", Unknown: "unknown"}
    return [
        (kinds[type(end)], message, getattr(end, "height", 0), getattr(end, "uri", ""))
        for message, end in stamp.ends()
    ]


@given(paths)
def test_what_is_written_is_read_the_same_by_both(found):
    stamp = tree(found)
    data = encode_file(stamp)
    assert decode_file(data) == stamp
    assert decode(encode(stamp), DIGEST) == stamp
    assert read_ots(data) == (DIGEST, told(stamp))


@given(paths, paths, st.randoms())
def test_merging_takes_all_and_asks_for_no_order(one, other, chance):
    first, second, whole = tree(one), tree(other), one + other
    first.merge(second)
    chance.shuffle(whole)
    assert encode(first) == encode(tree(whole))
    assert set(second.ends()) <= set(first.ends())
    before = encode(first)
    first.merge(second)
    assert encode(first) == before


@given(paths, st.data())
@settings(max_examples=300)
def test_both_refuse_the_same_of_what_was_changed(found, data):
    whole = bytearray(encode_file(tree(found)))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(len(HEAD), len(whole) - 1))
        whole[at] = data.draw(st.sampled_from([0, 1, 8, 0x80, 0xF0, 0xF1, 0xFF, whole[at] ^ 1]))
    whole = bytes(whole[: data.draw(st.integers(len(HEAD), len(whole) + 3))])
    try:
        mine = told_or_none(whole)
    except RecordError:
        mine = None
    try:
        theirs = sorted(read_ots(whole)[1])
    except Refused:
        theirs = None
    assert mine == theirs


def told_or_none(data):
    return sorted(told(decode_file(data)))


@given(st.binary(max_size=300))
def test_nothing_but_its_own_error_leaves_the_reader(data):
    for whole in (data, HEAD + data):
        try:
            found = decode_file(whole)
        except FormatError:
            continue
        assert encode_file(decode_file(encode_file(found))) == encode_file(found)
        assert found.message == DIGEST  # of random bytes none is a proof without its head
