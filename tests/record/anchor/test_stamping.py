"""Stamping and completing against calendars on loopback, up to the inspector's verdict."""

import errno
import os
from hashlib import sha256

import pytest
from tests.record.anchor import loopback
from tests.record.anchor.loopback import HOSTILE, add, block, calendars, double, mined, pending
from tests.record.sample import entries, policy, write

from baseload.record import kit as kits
from baseload.record.anchor.ots import Bitcoin, Pending, decode_file
from baseload.record.anchor.stamping import stamp, upgrade
from baseload.record.anchor.standing import status
from baseload.record.errors import FormatError, RecordError, StoreError
from baseload.verify.audit import Audit, verdict_of
from baseload.verify.followers import followers_of
from baseload.verify.kit import Kit

HEIGHT = 958_391


@pytest.fixture
def log(tmp_path):
    return write(tmp_path / "log", entries(6))


@pytest.fixture
def place(tmp_path):
    return tmp_path / "anchors"


def inspected(log, tmp_path, name, headers=None):
    out = kits.write(log, tmp_path / name, "", policy(), headers, tmp_path / "anchors")
    audit = Audit(Kit(str(out)))
    audit.followers = followers_of(audit)
    audit.run()
    return verdict_of(audit, 0.0)


def headers_of(tmp_path, **files):
    folder = tmp_path / "headers"
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / f"{name.removeprefix('at_')}.bin").write_bytes(data)
    return folder


def urls(found):
    return [one.url for one in found]


def codes(verdict):
    return sorted((found["code"], found["verdict"]) for found in verdict["findings"])


def test_from_a_promise_to_an_anchor_that_the_inspector_counts(log, place, tmp_path):
    with calendars() as (one, other):
        done = stamp(log, place, urls((one, other)))
        assert (done.size, done.fresh, done.alarms) == (7, True, ())
        assert done.calendars == tuple(sorted(urls((one, other))))
        (anchor,) = status(log, place)
        assert (anchor.state, anchor.blocks, anchor.waiting) == ("pending", (), done.calendars)
        verdict = inspected(log, tmp_path, "early")
        assert codes(verdict) == [("anchor.pending", "INCOMPLETE")]
        assert one.url in verdict["findings"][0]["found"]

        early = upgrade(log, place, urls((one, other)))
        assert (early.completed, early.alarms, len(early.told)) == ((), (), 2)
        assert early.told[0].endswith("says: Pending confirmation in Bitcoin blockchain")

        first = mined(bytes(32))
        header = one.mine(HEIGHT, double(first))
        headers = headers_of(tmp_path, at_958390=first + header)
        late = upgrade(log, place, urls((one, other)), headers)
        assert (late.completed, late.alarms) == ((7,), ())
        assert late.anchors[0].blocks == ((HEIGHT, True),)
        assert (late.anchors[0].state, late.anchors[0].waiting) == ("anchored", (other.url,))
    verdict = inspected(log, tmp_path, "late.zip", headers)
    assert (verdict["verdict"], verdict["findings"]) == ("OK", [])
    assert {one["name"]: one["count"] for one in verdict["checks"]}["anchors"] == 1


def test_calendars_see_neither_checkpoint_nor_the_same_bytes_twice(log, tmp_path):
    digest = sha256((log / "checkpoints" / "7").read_bytes().split(b"\n\xe2\x80\x94 witness")[0]
                    + b"\n").digest()  # fmt: skip
    with calendars() as found:
        for name in ("first", "second"):
            stamp(log, tmp_path / name, urls(found))
        sent = [body for one in found for path, body, _ in one.asked if path == "/digest"]
        assert len(sent) == 4
        assert {len(body) for body in sent} == {32}
        assert len(set(sent)) == 2
        assert digest not in sent
        kinds = {headers["Accept"] for one in found for *_, headers in one.asked}
        assert kinds == {"application/vnd.opentimestamps.v1"}
    assert decode_file((tmp_path / "first" / "7.ots").read_bytes()).message == digest


def test_what_is_sent_is_the_hash_of_checkpoint_and_nonce(log, tmp_path):
    nonce = b"n" * 16
    with calendars() as found:
        tree = decode_file(stamp(log, tmp_path / "a", urls(found), nonce=nonce).path.read_bytes())
        assert found[0].asked[0][1] == found[1].asked[0][1]
        assert found[0].asked[0][1] == sha256(tree.message + nonce).digest()


def test_a_proof_that_is_there_is_left_alone(log, place):
    with calendars() as found:
        path = stamp(log, place, urls(found)).path
        data, asked = path.read_bytes(), len(found[0].asked)
        again = stamp(log, place, urls(found))
        assert (again.fresh, path.read_bytes(), len(found[0].asked)) == (False, data, asked)


def test_completing_twice_changes_nothing(log, place):
    with calendars() as found:
        path = stamp(log, place, urls(found)).path
        for number, one in enumerate(found):
            one.mine(HEIGHT + number)
        upgrade(log, place, urls(found))
        kept, asked = (path.read_bytes(), path.stat().st_mtime_ns), len(found[0].asked)
        again = upgrade(log, place, urls(found))
        assert (path.read_bytes(), path.stat().st_mtime_ns) == kept
        assert (again.completed, len(found[0].asked)) == ((), asked)
        assert again.anchors[0].blocks == ((HEIGHT, None), (HEIGHT + 1, None))
        ends = [end for _, end in decode_file(kept[0]).ends()]
        assert sorted(type(end).__name__ for end in ends) == ["Bitcoin"] * 2 + ["Pending"] * 2


def test_many_promises_of_one_calendar_come_into_one_block(tmp_path):
    with calendars() as (one, other):
        places = [tmp_path / f"{count}" for count in (3, 5, 9)]
        for count, folder in zip((3, 5, 9), places, strict=True):
            folder.mkdir()
            write(folder / "log", entries(count))
            stamp(folder / "log", folder / "anchors", urls((one, other)))
        headers = headers_of(tmp_path, at_7=one.mine(7))
        for folder in places:
            found = upgrade(folder / "log", folder / "anchors", [one.url], headers)
            assert found.anchors[0].blocks == ((7, True),)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda one: one.__name__)
def test_a_hostile_calendar_costs_its_own_proof_only(log, place, tmp_path, hostile):
    """Two of three are enough; with one of two, nothing is written. An old proof is never lost."""
    with calendars(3) as found:
        found[2].answer = hostile
        with pytest.raises(RecordError, match="answers of at least 2") as caught:
            stamp(log, place, urls(found[1:]), timeout=0.6)
        assert "\x1b" not in str(caught.value)
        assert not place.exists()
        done = stamp(log, place, urls(found), timeout=0.6)
        assert (len(done.calendars), len(done.alarms)) == (2, 1)
        assert found[2].url in done.alarms[0]
        found[0].answer = hostile
        old = done.path.read_bytes()
        found[1].mine(HEIGHT)
        better = upgrade(log, place, urls(found[:2]), timeout=0.6)
        assert better.completed == (7,)
        assert len(better.alarms) == 1
        assert found[0].url in better.alarms[0]
        new = decode_file(done.path.read_bytes())
        assert set(decode_file(old).ends()) < set(new.ends())


def reply(body, status=200):
    return lambda handler, *_: handler.reply(status, body)


def test_a_promise_must_name_a_calendar_and_no_block(log, place):
    with calendars(3) as found:
        for answer in (b"\x00" + bytes(8) + b"\x00", block(9), b"\xff" + block(9) + pending("x")):
            found[2].answer = reply(answer)
            with pytest.raises(RecordError, match="answers of at least 2"):
                stamp(log, place, urls(found[1:]))


def test_one_calendar_under_two_names_counts_once(log, place):
    with calendars(2) as (one, other):
        with pytest.raises(RecordError, match="1 given"):
            stamp(log, place, [one.url, one.url + "/"])
        one.answer = other.answer = reply(pending(one.url))
        with pytest.raises(RecordError, match="2 answers, of"):
            stamp(log, place, urls((one, other)))
        one.answer, other.answer = reply(b"\xff" + pending("a") + pending("b")), loopback.failing
        with pytest.raises(RecordError, match="1 answers, of a, b"):
            stamp(log, place, urls((one, other)))


def test_an_answer_that_contradicts_a_header_is_not_taken(log, place, tmp_path):
    with calendars() as (one, other):
        path = stamp(log, place, urls((one, other))).path
        old = path.read_bytes()
        header = one.mine(HEIGHT)
        headers = headers_of(tmp_path, at_958391=header)
        one.answer = reply(b"\x08" + block(HEIGHT))
        found = upgrade(log, place, urls((one, other)), headers)
        assert "another Merkle root, and is not taken" in found.alarms[0]
        assert (path.read_bytes(), found.anchors[0].state) == (old, "pending")
        one.answer = reply(b"\x08" + pending(other.url))
        found = upgrade(log, place, urls((one, other)), headers)
        assert "names no block" in found.alarms[0]
        assert path.read_bytes() == old
        one.answer = None
        assert upgrade(log, place, urls((one, other)), headers).anchors[0].state == "anchored"


def test_a_false_answer_is_found_out_once_its_header_is_there_and_mended(log, place, tmp_path):
    """As after a reorganisation: the block that was named is not in the chain any more."""
    with calendars() as (one, other):
        stamp(log, place, urls((one, other)))
        header = one.mine(HEIGHT)
        one.answer = reply(b"\x08" + block(HEIGHT))
        assert upgrade(log, place, [one.url]).anchors[0].blocks == ((HEIGHT, None),)
        headers = headers_of(tmp_path, at_958391=header)
        (anchor,) = status(log, place, headers)
        assert (anchor.state, anchor.blocks) == ("broken", ((HEIGHT, False),))
        assert codes(inspected(log, tmp_path, "false", headers)) == [("anchor.broken", "FAILED")]
        one.answer = None
        mended = upgrade(log, place, urls((one, other)), headers)
        assert mended.anchors[0].state == "anchored"
        assert mended.anchors[0].blocks == ((HEIGHT, False), (HEIGHT, True))
    verdict = inspected(log, tmp_path, "mended", headers)
    assert (verdict["verdict"], verdict["findings"]) == ("OK", [])


def test_only_addresses_that_were_given_are_asked(log, place):
    with calendars(3) as (one, other, third):
        other.answer = reply(add(b"x") + pending(third.url))
        stamp(log, place, urls((one, other)))
        found = upgrade(log, place, [one.url])
        assert third.asked == []
        assert found.alarms == (f"7.ots waits for {third.url}, which was not asked",)
        one.mine(HEIGHT)
        upgrade(log, place, [one.url])
        anchored = upgrade(log, place, [one.url])
        assert (anchored.alarms, anchored.anchors[0].waiting) == ((), (third.url,))


def test_a_calendar_out_of_reach_is_asked_once_a_round(tmp_path, place):
    log = write(tmp_path / "log", entries(20))
    with calendars() as (one, other):
        for size in (7, 14, 21):
            (log / "checkpoint").write_bytes((log / "checkpoints" / str(size)).read_bytes())
            stamp(log, place, urls((one, other)))
    with calendars(1) as (third,):
        third.promised, third.url = other.promised, other.url
    found = upgrade(log, place, urls((one, other)))
    assert (len(found.anchors), len(found.alarms), found.completed) == (3, 2, ())


def test_a_folder_with_something_else_in_it(log, place, tmp_path):
    with pytest.raises(RecordError, match="stamp a checkpoint first"):
        status(log, place)
    with calendars() as found:
        stamp(log, place, urls(found))
        good = (place / "7.ots").read_bytes()
        for name in ("07.ots", "x.ots", "7.ots.part", "note"):
            (place / name).write_bytes(b"")
        assert [anchor.size for anchor in status(log, place)] == [7]
        (place / "3.ots").write_bytes(good)
        (place / "7.ots").write_bytes(good[:-1])
        faults = {anchor.size: anchor for anchor in status(log, place)}
        assert {anchor.state for anchor in faults.values()} == {"broken"}
        assert "no such file" in faults[3].fault
        assert "bytes more" in faults[7].fault
        assert len(upgrade(log, place, urls(found)).alarms) == 2
        with pytest.raises(FormatError):
            stamp(log, place, urls(found))
        other = write(tmp_path / "other", entries(5))
        (place / "6.ots").write_bytes(good)
        assert "not a proof of the checkpoint" in status(other, place)[1].fault


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_fails_keeps_what_there_was(log, place, monkeypatch, step):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with calendars() as found:
        with monkeypatch.context() as patch:
            patch.setattr(os, step, full)
            with pytest.raises(StoreError, match="No space left"):
                stamp(log, place, urls(found))
            assert list(place.iterdir()) == []
        path = stamp(log, place, urls(found)).path
        old = path.read_bytes()
        found[0].mine(HEIGHT)
        with monkeypatch.context() as patch:
            patch.setattr(os, step, full)
            told = upgrade(log, place, urls(found))
        assert (told.completed, path.read_bytes()) == ((), old)
        assert "No space left" in told.alarms[0]
        assert upgrade(log, place, urls(found)).completed == (7,)
        assert [one.name for one in place.iterdir()] == ["7.ots"]


def test_a_folder_that_cannot_be_made(log, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with calendars() as found, pytest.raises(StoreError, match="can be written to"):
        stamp(log, tmp_path / "file" / "anchors", urls(found))


def test_an_answer_that_would_make_the_proof_too_long_is_not_taken(log, place):
    with calendars() as (one, other):
        path = stamp(log, place, urls((one, other))).path
        old = path.read_bytes()
        one.answer = reply(b"\x08" * 254 + block(5))
        found = upgrade(log, place, urls((one, other)))
        assert "is not taken" in found.alarms[0]
        assert path.read_bytes() == old


def test_kinds_of_attestations_survive(log, place):
    """What is not understood is kept as it came, and told by nobody as a block."""
    odd = b"\x00" + b"\x11" * 8 + loopback.sized(b"payload")
    with calendars() as (one, other):
        one.answer = reply(b"\xff" + odd + add(b"x") + pending(one.url))
        path = stamp(log, place, urls((one, other))).path
        assert odd[1:] in path.read_bytes()
        assert status(log, place)[0].state == "pending"
        ends = [end for _, end in decode_file(path.read_bytes()).ends()]
        assert [type(end) for end in ends].count(Pending) == 2
        assert not any(isinstance(end, Bitcoin) for end in ends)
