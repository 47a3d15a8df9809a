"""Corrections as the inspector sees them; nothing keeps a log's operator from writing others."""

import pytest
from tests.record.sample import START, approved, charter, key, kit_of, reading, sources, vkey

from baseload.record.events import parse
from baseload.record.source import Source
from baseload.verify.audit import Audit, verdict_of
from baseload.verify.kit import Kit

BODY = {"meter": "main", "register": "import", "energy": "5", "quality": "measured"}


def inspected(place, index, of, body, by="desk"):
    """A record whose entry 2 is a reading, and which then corrects an entry."""
    writers = sources()
    other = {"id": "grid.desk", "owner": "grid", "schemas": ["correction/1"]}
    change = {"kind": "source", "source": other | {"key": vkey("g", "grid.desk")}}
    data = [charter(writers["desk"])]
    data.append(writers["desk"].event("rule.change/1", START, START, approved(change)))
    data += [reading(writers["meter"], n) for n in range(3)]
    writers["grid.desk"] = Source("grid.desk", key("g"), "log.example.org/mine")
    leaf = parse(data[of]).leaf.hex()
    told = {"index": str(index), "of": leaf, "reason": "read wrong", "body": body}
    data.append(writers[by].event("correction/1", START, START, told))
    data.append(reading(writers["meter"], 3))
    audit = Audit(Kit(str(kit_of(place / "log", place / "kit", data))))
    audit.run()
    return verdict_of(audit, 0.0)


def test_a_correction_of_an_entry_by_its_party_is_good(tmp_path):
    assert inspected(tmp_path, 2, 2, BODY)["findings"] == []


@pytest.mark.parametrize(
    ("index", "of", "body", "by", "found"),
    [
        (5, 2, BODY, "desk", "index 5"),
        (99, 2, BODY, "desk", "index 99"),
        (3, 2, BODY, "desk", "entry 3, "),
        (2, 2, BODY | {"energy": "five"}, "desk", "'five'"),
        (2, 2, {}, "desk", "none"),
        (2, 2, BODY, "grid.desk", "one of grid"),
    ],
)
def test_one_that_is_not_is_told(tmp_path, index, of, body, by, found):
    (one,) = inspected(tmp_path, index, of, body, by)["findings"]
    assert (one["code"], one["verdict"], one["index"]) == ("event.correction", "FAILED", 5)
    assert one["found"].startswith(found)


def test_an_entry_that_cannot_be_read_is_not_called_wrong(tmp_path):
    inspected(tmp_path, 2, 2, BODY)
    bundle = tmp_path / "kit/tile/entries/000.p/7"
    assert bundle.exists()
    from baseload.verify.authority import RuleBook
    from baseload.verify.corrections import check_correction

    told = {"body": {"index": "2", "of": "0" * 64, "body": BODY}, "source": "desk"}
    bundle.unlink()
    (one,) = check_correction(Kit(str(tmp_path / "kit")), 7, 5, told, RuleBook("x"))
    assert one.verdict == "INCOMPLETE"
