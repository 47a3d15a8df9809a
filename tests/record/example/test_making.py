"""An example is whole, repeats to the byte, and is refused where it would not be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from baseload.record.errors import RecordError
from baseload.record.events import parse
from baseload.record.example import make, scene
from baseload.record.example.tampers import forge, registry
from baseload.record.rules import Rules


def files(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder but the key files, which are salted."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.parent.name != "keys"
    }


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    return make(tmp_path_factory.mktemp("example") / "a", 2, 3)


def test_the_same_seed_gives_the_same_bytes(example, tmp_path):
    again = make(tmp_path / "b", 2, 3)
    assert files(again.folder) == files(example.folder)


def test_another_seed_gives_other_keys_and_other_readings(example, tmp_path):
    other = make(tmp_path / "c", 2, 4)
    assert other.log_key != example.log_key
    ours, theirs = forge.entries(example.kit), forge.entries(other.kit)
    assert not set(ours) & set(theirs)


def test_every_source_continues_its_own_chain(example):
    numbers: dict[str, int] = {}
    for data in forge.entries(example.kit):
        entry = json.loads(data)
        assert int(entry["seq"]) == numbers.get(entry["source"], 0)
        numbers[entry["source"]] = int(entry["seq"]) + 1
    assert len(numbers) == 14


def test_the_record_says_that_it_is_synthetic(example):
    first = forge.entries(example.kit)[:4]
    assert b"synthetic" in first[0]
    assert b"Synthetic record" in first[3]
    assert json.loads(first[1])["body"]["site"]["scale_bits"] == "70"


def test_one_key_of_a_source_is_changed_with_both_signatures(example):
    changes = [
        entry["body"]
        for data in forge.entries(example.kit)
        if b'"kind":"key"' in data
        for entry in [json.loads(data)]
    ]
    assert len(changes) == 1
    assert {"old", "new", "old_sig", "new_sig", "approvals"} <= set(changes[0])


@pytest.mark.parametrize("days", [1, 366, -3])
def test_days_out_of_range_are_refused(days, tmp_path):
    with pytest.raises(RecordError, match="2 to 365"):
        make(tmp_path / "x", days)
    assert not (tmp_path / "x").exists()


def test_a_folder_in_use_is_not_touched(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(RecordError, match="something in it"):
        make(tmp_path, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_unknown_tamper_is_named_its_neighbour(tmp_path):
    with pytest.raises(RecordError, match="did you mean 'constant-skim'"):
        make(tmp_path / "x", 2, 0, "constant-scim")


def test_every_tamper_tells_its_story():
    ways = registry.everything()
    assert len(ways) >= 60
    for way in ways:
        assert len(way.story) > 40, way.name
        assert way.layer in registry.LAYERS
        assert bool(way.size) == bool(way.unit)


def test_only_these_are_known_to_escape_the_kit():
    silent = {way.name for way in registry.everything() if not way.expects}
    assert silent == {"opposite-shift", "collusion-of-quorum", "rolled-back"}


def test_every_entry_is_an_event_that_the_rules_admit(example):
    rules = Rules(scene.ORIGIN)
    content = forge.entries(example.kit)
    for index, data in enumerate(content):
        rules.admit(index, parse(data))
    assert len(content) == example.size > 3000
