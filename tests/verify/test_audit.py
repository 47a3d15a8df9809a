"""The inspector against kits that the other implementation wrote, honest and not."""

import json
import os
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.record.sample import (
    ORIGIN,
    START,
    STEP,
    WITNESSES,
    approved,
    charter,
    charter_body,
    entries,
    key,
    kit_of,
    private,
    reading,
    sources,
    vkey,
)
from tests.verify.flips import flips

from baseload.record import kit as kits
from baseload.record.keys import verifier_key
from baseload.record.merkle import leaf_hash
from baseload.record.note import cosign
from baseload.record.rules import key_change
from baseload.record.source import Source
from baseload.record.store import Log
from baseload.verify.audit import Audit, verdict_of
from baseload.verify.kit import Kit


def inspected(path):
    audit = Audit(Kit(str(path)))
    audit.run()
    return verdict_of(audit, 0.0)


def codes(verdict):
    return sorted({(found["code"], found["verdict"]) for found in verdict["findings"]})


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    place = tmp_path_factory.mktemp("honest")
    return kit_of(place / "log", place / "kit")


def test_an_honest_kit_is_ok(honest):
    verdict = inspected(honest)
    assert (verdict["verdict"], verdict["findings"]) == ("OK", [])
    assert (verdict["size"], verdict["origin"], verdict["trust"]) == (21, ORIGIN, "kit")
    assert verdict["witnessed"] == {"have": 2, "need": 2, "of": 2}
    counts = {check["name"]: check["count"] for check in verdict["checks"]}
    assert (counts["structure"], counts["checkpoints"], counts["events"]) == (21, 3, 21)


def test_every_flipped_bit_of_a_kit_is_detected_and_located(honest, tmp_path):
    """One bit in thirteen of the small files, one in 241 of the bundle; `make explore`: each."""
    shutil.copytree(honest, tmp_path / "kit")
    count, missed, lost = flips(tmp_path / "kit", step=13)
    assert count > 500
    assert (missed, lost) == ([], [])


def test_an_edited_entry_is_named_with_its_byte(honest, tmp_path):
    shutil.copytree(honest, tmp_path / "kit")
    path = tmp_path / "kit" / "tile/entries/000.p/21"
    data = path.read_bytes()
    at = data.index(b'"energy":"25000000"', data.index(b'"seq":"6"') - 300)
    path.write_bytes(data[: at + 10] + b"3" + data[at + 11 :])
    verdict = inspected(tmp_path / "kit")
    first = verdict["findings"][0]
    assert (verdict["verdict"], first["code"], first["index"]) == ("FAILED", "structure.bundle", 7)
    start = data.rindex(b"{", 0, data.rindex(b'{"body"', 0, at + 1) + 1)
    assert first["at"] == start


def rewritten(tmp_path, data, **more):
    """A kit whose log the operator wrote anew, with the log's key and every witness's."""
    tmp_path.mkdir(exist_ok=True)
    return kit_of(tmp_path / "log", tmp_path / "kit", data, **more)


def test_a_dropped_entry_shows_although_the_log_itself_lies(tmp_path):
    kept = entries(20)
    verdict = inspected(rewritten(tmp_path, kept[:9] + kept[10:]))
    assert codes(verdict) == [("reading.hole", "INCOMPLETE"), ("source.gap", "FAILED")]
    assert verdict["findings"][0]["index"] == 9
    assert verdict["findings"][0]["source"] == "meter"


def test_an_edited_entry_shows_although_the_log_itself_lies(tmp_path):
    changed = entries(20)
    changed[5] = changed[5].replace(b"25000000", b"15000000")
    found = codes(inspected(rewritten(tmp_path, changed)))
    assert found == [("source.gap", "FAILED"), ("source.signature", "FAILED")]


def test_a_replayed_entry_shows(tmp_path):
    kept = entries(20)
    found = inspected(rewritten(tmp_path, [*kept[:12], kept[6], *kept[12:]]))
    assert ("source.replay", "FAILED") in codes(found)
    assert found["findings"][0]["index"] == 12


def test_two_stories_under_one_number_are_no_replay(tmp_path):
    """The source itself signed both: what differs is told, and where the first one stands."""
    kept, of = entries(20), sources()
    other = [charter(of["desk"]), *(reading(of["meter"], n, 15_000_000) for n in range(20))]
    verdict = inspected(rewritten(tmp_path, [*kept[:12], other[6], *kept[12:]]))
    found = next(one for one in verdict["findings"] if one["code"] == "source.fork")
    assert (found["index"], found["source"], found["verdict"]) == (12, "meter", "FAILED")
    assert "number 5 of meter as in entry 6" in found["expected"]
    assert "25000000" in found["expected"]
    assert "15000000" in found["found"]
    assert "source.replay" not in verdict["counts"]


def test_swapped_entries_show(tmp_path):
    kept = entries(20)
    kept[6], kept[7] = kept[7], kept[6]
    assert ("source.gap", "FAILED") in codes(inspected(rewritten(tmp_path, kept)))


def test_a_gap_that_the_owner_declares_is_incomplete(tmp_path):
    of = sources()
    data = [charter(of["desk"]), *(reading(of["meter"], n) for n in range(8))]
    body = {"kind": "gap", "of": "meter", "first": "3", "last": "3", "reason": "line was cut"}
    data.append(of["desk"].event("statement/1", START + 9 * STEP, START + 9 * STEP, body))
    verdict = inspected(rewritten(tmp_path, data[:4] + data[5:]))
    assert codes(verdict) == [("reading.hole", "INCOMPLETE"), ("source.gap", "INCOMPLETE")]


def test_an_order_that_came_after_its_time_was_witnessed_is_back_dated(tmp_path):
    of = sources()
    order = {"ordered_by": "plant", "order": "1", "power": "0", "reason": "safety"}
    data = [charter(of["desk"]), *(reading(of["meter"], n) for n in range(13))]
    good = START + 30 * STEP
    for start in (good, START + 2 * STEP):
        body = order | {"start": str(start)}
        data.append(of["control"].event("fleet.setpoint/1", good, good, body))
    verdict = inspected(rewritten(tmp_path, data))
    assert codes(verdict) == [("order.backdated", "FAILED")]
    assert verdict["findings"][0]["index"] == 15


def test_a_late_entry_is_named_unless_it_says_so(tmp_path):
    of = sources()
    data = [charter(of["desk"]), *(reading(of["meter"], n) for n in range(13))]
    event = {"meter": "main", "kind": "seal", "serial": "A1"}
    body = event | {"late": True, "reason": "found on paper"}
    late = of["meter"].event("meter.event/1", START, START, body)
    data += [late, of["meter"].event("meter.event/1", START, START, event)]
    verdict = inspected(rewritten(tmp_path, data))
    assert codes(verdict) == [("clock.step", "INCOMPLETE"), ("entry.late", "INCOMPLETE")]
    assert {found["index"] for found in verdict["findings"]} == {15}


def test_rules_are_the_same_in_both_implementations(tmp_path):
    """What the writer's rules refuse, the inspector finds, at the same entry."""
    of = sources()
    stranger = Source("meter", key("x"), ORIGIN)
    order = {"ordered_by": "board", "order": "1", "power": "0", "reason": "safety", "start": "9"}
    policy = {"kind": "policy", "policy": charter_body()["policy"]}
    cases = {
        "source.signature": lambda: reading(stranger, 0),
        "authority.order": lambda: of["control"].event("fleet.setpoint/1", START, START, order),
        "authority.schema": lambda: of["desk"].event(
            "meter.event/1", START, START, {"meter": "main", "kind": "seal", "serial": "1"}
        ),
        "authority.approvals": lambda: of["desk"].event(
            "rule.change/1", START, START, approved(policy, ("plant",))
        ),
        "authority.source": lambda: reading(Source("nobody", key("x"), ORIGIN), 0),
    }
    for code, bad in cases.items():
        of = sources()
        data = [charter(of["desk"]), bad()]
        verdict = inspected(rewritten(tmp_path / code, data))
        assert (code, "FAILED") in codes(verdict), code
        assert verdict["findings"][0]["index"] == 1


def test_a_key_that_both_changed_goes_on(tmp_path):
    of = sources()
    first, second = verifier_key(key("meter"), "meter"), verifier_key(key("new"), "meter")
    body = key_change("source:meter", first, second, (key("meter"), key("new")), ORIGIN)
    data = [charter(of["desk"]), reading(of["meter"], 0)]
    data.append(of["desk"].event("rule.change/1", START, START, approved(body)))
    old = of["meter"].copy()
    new = Source("meter", key("new"), ORIGIN, 1, old.prev)
    assert codes(inspected(rewritten(tmp_path / "a", [*data, reading(new, 1)]))) == []
    stolen = inspected(rewritten(tmp_path / "b", [*data, reading(old, 1)]))
    assert codes(stolen) == [("source.signature", "FAILED")]


def test_too_few_witnesses_and_a_false_one(tmp_path):
    path = rewritten(tmp_path, entries(5))
    text = (path / "checkpoint").read_text(encoding="utf-8")
    lines = text.split("\n")
    (path / "checkpoint").write_text("\n".join([*lines[:5], lines[5], ""]), encoding="utf-8")
    assert codes(inspected(path)) == [("witness.quorum", "INCOMPLETE")]
    false = str(cosign("another\n", WITNESSES[0], private(WITNESSES[0]), 5))
    (path / "checkpoint").write_text("\n".join([*lines[:5], false, lines[6], ""]), encoding="utf-8")
    assert ("witness.signature", "FAILED") in codes(inspected(path))


def test_a_log_that_signed_another_record_is_shown_its_signature(tmp_path):
    path = rewritten(tmp_path, entries(20))
    other = entries(20)
    other[3] = b"another"
    with Log.create(tmp_path / "other", ORIGIN, key("log")) as log:
        log.append(other[:14])
        log.publish()
    shutil.copy(tmp_path / "other" / "checkpoints" / "14", path / "checkpoints" / "14")
    verdict = inspected(path)
    assert codes(verdict) == [("checkpoint.fork", "FAILED")]
    with Log.open(tmp_path / "log", key("log")) as log:
        log.append([reading(sources()["meter"], 0)])
        log.publish()
    shutil.copy(tmp_path / "log" / "checkpoints" / "22", path / "checkpoints" / "22")
    assert ("checkpoint.shrunk", "FAILED") in codes(inspected(path))


@pytest.mark.parametrize("name", ["tile/0/000.p/21", "tile/entries/000.p/21", "checkpoints/14"])
def test_what_is_missing_or_unreadable_is_not_called_wrong(honest, tmp_path, name):
    shutil.copytree(honest, tmp_path / "kit")
    os.remove(tmp_path / "kit" / name)
    verdict = inspected(tmp_path / "kit")
    if name.startswith("tile"):
        assert codes(verdict) == [("structure.missing", "INCOMPLETE")]
        os.mkdir(tmp_path / "kit" / name)
        assert codes(inspected(tmp_path / "kit")) == [("unreadable", "INCOMPLETE")]
        os.rmdir(tmp_path / "kit" / name)
        os.symlink("/etc/passwd", tmp_path / "kit" / name)
        assert codes(inspected(tmp_path / "kit")) == [("unreadable", "INCOMPLETE")]


def test_a_zip_gives_the_verdict_of_its_folder(honest, tmp_path):
    made = kits.write(honest, tmp_path / "kit.zip", "", (honest / "policy").read_text())
    one, other = inspected(honest), inspected(made)
    assert one | {"seconds": 0} == other | {"seconds": 0}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_no_kit_makes_the_inspector_fall_over(honest, tmp_path, data):
    shutil.rmtree(tmp_path / "kit", ignore_errors=True)
    shutil.copytree(honest, tmp_path / "kit")
    name = data.draw(st.sampled_from(["tile/0/000.p/21", "tile/entries/000.p/21", "checkpoints/7"]))
    path = tmp_path / "kit" / name
    old = path.read_bytes()
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(old))] * 2)))
    path.write_bytes(old[:first] + data.draw(st.binary(max_size=40)) + old[last:])
    verdict = inspected(tmp_path / "kit")
    assert verdict["verdict"] in ("OK", "INCOMPLETE", "FAILED")
    assert json.loads(json.dumps(verdict)) == verdict
    # A checkpoint may lose the line of a witness: it is then one that fewer have signed.
    told = set(path.read_bytes().split(b"\n")) <= set(old.split(b"\n"))
    same = path.read_bytes() == old or (name == "checkpoints/7" and told)
    assert verdict["verdict"] != "OK" or same


def test_trust_that_was_given_is_what_counts(honest):
    from baseload.verify.audit import Trust
    from baseload.verify.notes import read_key

    for name, verdict in (("log", "OK"), ("another", "FAILED")):
        audit = Audit(Kit(str(honest)), Trust(read_key(vkey(name, ORIGIN))))
        audit.run()
        found = verdict_of(audit, 0.0)
        assert (found["verdict"], found["trust"]) == (verdict, "given")


def test_a_kit_that_asks_for_fewer_witnesses_than_the_log_does_is_told(honest, tmp_path):
    shutil.copytree(honest, tmp_path / "kit")
    path = tmp_path / "kit" / "policy"
    path.write_text(path.read_text().replace("group both 2", "group both 1"), encoding="utf-8")
    verdict = inspected(tmp_path / "kit")
    assert codes(verdict) == [("witness.policy", "INCOMPLETE")]
    assert (verdict["findings"][0]["expected"][-6:], verdict["findings"][0]["found"][-6:]) == (
        "2 of 2",
        "1 of 2",
    )


def test_who_inspects_may_ask_for_other_witnesses(honest):
    from baseload.verify.audit import Trust
    from baseload.verify.notes import read_policy

    text = (honest / "policy").read_text().replace("group both 2", "group both 1")
    audit = Audit(Kit(str(honest)), Trust(None, read_policy(text)))
    audit.run()
    assert verdict_of(audit, 0.0)["findings"] == []


def test_what_could_not_be_read_may_have_changed_the_rules(tmp_path):
    """A key is changed in a bundle that is missing: the new key is not called a false one."""
    of = sources()
    first, second = verifier_key(key("meter"), "meter"), verifier_key(key("new"), "meter")
    data = [charter(of["desk"]), *(reading(of["meter"], n) for n in range(299))]
    body = key_change("source:meter", first, second, (key("meter"), key("new")), ORIGIN)
    now = START + 299 * STEP
    data.append(of["desk"].event("rule.change/1", now, now, approved(body)))
    new = Source("meter", key("new"), ORIGIN, of["meter"].seq, of["meter"].prev)
    data += [reading(new, n) for n in range(299, 600)]
    path = rewritten(tmp_path, data, every=100)
    assert inspected(path)["verdict"] == "OK"
    os.remove(path / "tile/entries/001")
    verdict = inspected(path)
    assert verdict["verdict"] == "INCOMPLETE"
    assert {"structure.missing", "source.signature"} <= set(verdict["counts"])


def standing(source, number, raw, energy=5, quality="estimated", t0=None, **more):
    """A reading in the place of another."""
    start = START + number * STEP if t0 is None else t0
    told = {"meter": "main", "register": "import", "energy": str(energy), "quality": quality}
    told |= {"of": leaf_hash(raw).hex(), "late": True, "method": "m", "reason": "r"}
    return source.event("meter.reading/1", start, start + STEP, told | more, sign=True)


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda of, raw: standing(of["meter"], 3, raw[4]), set()),
        (lambda of, raw: standing(of["meter"], 3, raw[5]), {("reading.of", "FAILED")}),
        (lambda of, raw: standing(of["meter"], 4, raw[4]), {("reading.of", "FAILED")}),
        (lambda of, raw: standing(of["meter"], 3, raw[4], quality="measured"),
         {("reading.of", "FAILED")}),
        (lambda of, raw: standing(of["meter"], 3, raw[4], register="export"),
         {("reading.of", "FAILED")}),
        (lambda of, raw: standing(of["meter"], 3, raw[4], meter="other"),
         {("reading.of", "FAILED")}),
        (lambda of, raw: standing(of["meter"], 3, b"none"), {("reading.of", "FAILED")}),
    ],
)  # fmt: skip
def test_a_reading_stands_for_one_of_its_meter_and_time_and_no_other(tmp_path, make, found):
    of = sources()
    raw = [charter(of["desk"]), *(reading(of["meter"], n) for n in range(20))]
    assert codes(inspected(rewritten(tmp_path, [*raw, make(of, raw)]))) == sorted(found)


def test_a_party_may_not_replace_what_the_meter_of_another_measured(tmp_path):
    """The board's own source of readings sets back those of the plant, with a reason."""
    of, body = sources(), charter_body()
    body["sources"].append({"id": "other", "owner": "board", "key": vkey("other", "other"),
                            "schemas": ["meter.reading/1", "source.head/1"]})  # fmt: skip
    first = of["desk"].event("rule.change/1", START, START, approved(body))
    raw = [first, *(reading(of["meter"], n) for n in range(20))]
    other = Source("other", key("other"), ORIGIN)
    kit = rewritten(tmp_path / "a", [*raw, standing(other, 3, raw[4])])
    assert codes(inspected(kit)) == [("reading.of", "FAILED")]
    other = Source("other", key("other"), ORIGIN)
    kit = rewritten(tmp_path / "b", [*raw, reading(other, 20), reading(other, 21)])
    assert codes(inspected(kit)) == [("reading.source", "INCOMPLETE")]


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ([3, 4, 1, 2, 0], []),
        ([3, 4, 0, 2, 1], []),
        ([3, 4, 0, 1], ["reading.hole"]),
        ([3, 4, 1, 1], ["reading.hole", "reading.overlap"]),
        ([0, 1, 0], ["reading.overlap"]),
    ],
)
def test_readings_come_in_any_order_and_once(tmp_path, order, found):
    """What a reader had kept from before the record began comes late, and is as good."""
    of = sources()
    data = [charter(of["desk"])]
    data += [reading(of["meter"], n, late=True, reason="kept by the reader") for n in order]
    verdict = inspected(rewritten(tmp_path, data))
    assert sorted(one["code"] for one in verdict["findings"]) == found


def test_a_reading_that_says_it_is_missing_is_a_hole_until_one_stands_for_it(tmp_path):
    of = sources()
    raw = [charter(of["desk"]), *(
        reading(of["meter"], n, 0 if n in (3, 4) else 7, quality="missing" if n in (3, 4)
                else "measured") for n in range(20))]  # fmt: skip
    verdict = inspected(rewritten(tmp_path / "a", raw))
    (hole,) = verdict["findings"]
    assert (hole["code"], "0.50 hours" in hole["meaning"]) == ("reading.hole", True)
    filled = [standing(of["meter"], n, raw[n + 1]) for n in (3, 4)]
    assert codes(inspected(rewritten(tmp_path / "b", [*raw, *filled]))) == []
