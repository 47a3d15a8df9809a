import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.plan.ensemble.counting import LABELS, CountingSimulator, expected
from tests.show.sample import write_case

from baseload.case.errors import InputError
from baseload.case.load import load
from baseload.plan.ensemble.chunks import (
    STUDY,
    About,
    ChunkFolder,
    Identity,
    Span,
    array_of,
    decode,
    encode,
    remove,
    spans,
)
from baseload.plan.ensemble.result import VARIABLES

IDENTITY = Identity({"case.toml": "ab"}, "cd", ["pilot"], 3, {"numpy": "2.1"})
ABOUT = About.of(LABELS, CountingSimulator.simplified)


def chunk(span: Span, key: str = IDENTITY.key) -> bytes:
    arrays = {name: expected(name, 1, *span, seed=3) for name in VARIABLES}
    return encode(key, span, ABOUT, 1, arrays)


def found(folder: ChunkFolder, scenarios: int) -> list[Span]:
    return [one.span for one, _ in folder.finished(scenarios)]


@given(st.integers(1, 300), st.integers(1, 40), st.sets(st.integers(0, 299)))
def test_what_is_there_and_what_is_missing_make_every_future_once(scenarios, size, single):
    done = [Span(i, i + 1) for i in sorted(single) if i < scenarios]
    missing = spans(scenarios, size, done)
    futures = sorted(i for span in [*done, *missing] for i in range(*span))
    assert futures == list(range(scenarios))
    assert all(0 < last - first <= size for first, last in missing)


def test_a_chunk_gives_back_what_was_put_in(tmp_path):
    path = tmp_path / "chunk"
    path.write_bytes(chunk(Span(5, 9)))
    read, data = decode(path)
    assert (read.span, read.about, read.key) == (Span(5, 9), ABOUT, IDENTITY.key)
    for name in VARIABLES:
        np.testing.assert_array_equal(array_of(read, data, name), expected(name, 1, 5, 9, seed=3))


@pytest.mark.parametrize("harm", [lambda d: d[:-1], lambda d: d[:40], lambda d: b"",
                                  lambda d: d[:3000] + b"x" + d[3001:]])  # fmt: skip
def test_a_chunk_that_is_cut_off_or_changed_is_not_trusted(tmp_path, harm):
    folder = ChunkFolder.start(tmp_path / "f", IDENTITY)
    folder.write(Span(0, 5), chunk(Span(0, 5)))
    folder.write(Span(5, 9), harm(chunk(Span(5, 9))))
    assert found(folder, 9) == [Span(0, 5)]
    assert len(list(folder.path.glob("*.futures"))) == 1


def test_chunks_of_other_sizes_are_taken_where_they_do_not_overlap(tmp_path):
    folder = ChunkFolder.start(tmp_path / "f", IDENTITY)
    for span in (Span(0, 4), Span(2, 6), Span(4, 8), Span(8, 12)):
        folder.write(span, chunk(span))
    assert found(folder, 10) == [Span(0, 4), Span(4, 8)]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"seed": 4}, "seed 3 instead of 4"),
        ({"alternatives": ["status-quo"]}, "alternatives pilot"),
        ({"inputs": {"case.toml": "xy"}}, "another input case.toml"),
        ({"versions": {"numpy": "2.2"}}, "another version of numpy"),
        ({"tree": "xy"}, "other values of the case"),
    ],
)
def test_another_study_is_refused_on_resume_with_what_is_different(tmp_path, changes, told):
    ChunkFolder.start(tmp_path / "f", IDENTITY)
    with pytest.raises(InputError) as caught:
        ChunkFolder.resume(tmp_path / "f", dataclasses.replace(IDENTITY, **changes))
    assert caught.value.found == told


def test_a_single_chunk_of_another_study_is_refused(tmp_path):
    folder = ChunkFolder.start(tmp_path / "f", IDENTITY)
    folder.write(Span(0, 5), chunk(Span(0, 5), key="another"))
    with pytest.raises(InputError, match="futures of another study"):
        found(folder, 5)


def test_nothing_can_be_resumed_where_nothing_was_started(tmp_path):
    with pytest.raises(InputError, match="found    none"):
        ChunkFolder.resume(tmp_path / "f", IDENTITY)
    (tmp_path / STUDY).write_text("{")
    with pytest.raises(InputError, match="without a readable"):
        ChunkFolder.resume(tmp_path, IDENTITY)


def test_starting_anew_removes_old_chunks_and_nothing_else(tmp_path):
    folder = ChunkFolder.start(tmp_path / "f", IDENTITY)
    folder.write(Span(0, 5), chunk(Span(0, 5)))
    (folder.path / ".000000005-000000009.futures.77.part").write_bytes(b"half")
    again = ChunkFolder.start(folder.path, IDENTITY)
    assert [path.name for path in again.path.iterdir()] == [STUDY]
    (folder.path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="nothing was changed"):
        ChunkFolder.start(folder.path, IDENTITY)
    remove(folder.path)
    assert [path.name for path in tmp_path.rglob("*.*")] == ["thesis.tex"]


def test_a_file_in_place_of_the_folder_is_told_in_four_parts(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="found    a file"):
        ChunkFolder.start(tmp_path / "file", IDENTITY)
    with pytest.raises(InputError, match="room on the disk") as caught:
        ChunkFolder.start(tmp_path / "file" / "f", IDENTITY)
    assert caught.value.found == "Not a directory"


def test_a_full_disk_is_told_in_four_parts_and_leaves_no_half_a_chunk(tmp_path, monkeypatch):
    folder = ChunkFolder.start(tmp_path / "f", IDENTITY)

    def full(self, data):
        with self.open("wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(InputError, match="found    No space left on device"):
        folder.write(Span(0, 5), chunk(Span(0, 5)))
    assert [path.name for path in folder.path.iterdir()] == [STUDY]


def test_the_identity_follows_files_patches_alternatives_and_seed(tmp_path):
    case = load(write_case(tmp_path / "case"))
    base = Identity.of(case, ["pilot"], 0)
    assert base == Identity.of(load(tmp_path / "case"), ["pilot"], 0)
    others = [
        Identity.of(case, ["status-quo"], 0),
        Identity.of(case, ["pilot"], 1),
        Identity.of(case.patched({"bitcoin.price": "90000 USD/BTC"}), ["pilot"], 0),
    ]
    claims = tmp_path / "case" / "claims.toml"
    claims.write_text(claims.read_text() + "# a remark\n")
    others.append(Identity.of(load(tmp_path / "case"), ["pilot"], 0))
    assert len({base.key, *(other.key for other in others)}) == 5


def test_arrays_that_are_missing_or_misshapen_are_refused():
    arrays = {name: expected(name, 1, 0, 2, seed=3) for name in VARIABLES}
    with pytest.raises(ValueError, match="npv has shape"):
        encode("key", Span(0, 2), ABOUT, 1, arrays | {"npv": np.zeros(2)})
    del arrays["npv"]
    with pytest.raises(ValueError, match="missing or unknown: npv"):
        encode("key", Span(0, 2), ABOUT, 1, arrays)


def test_the_study_of_a_folder_can_be_read_by_people(tmp_path):
    folder = ChunkFolder.start(tmp_path / "f", IDENTITY)
    assert json.loads((folder.path / STUDY).read_text())["seed"] == 3
