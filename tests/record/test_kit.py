import os
import zipfile

import pytest
from tests.record.sample import entries, kit_of, policy, write

from baseload.record import kit
from baseload.record.errors import StoreError
from baseload.record.reader import Reader


def below(folder):
    return sorted(
        os.path.relpath(os.path.join(place, name), folder)
        for place, _, names in os.walk(folder)
        for name in names
    )


def test_a_kit_holds_all_that_is_public_and_nothing_else(tmp_path):
    made = kit_of(tmp_path / "log", tmp_path / "kit")
    assert below(made) == [
        "README.txt",
        "checkpoint",
        *sorted(f"checkpoints/{size}" for size in (7, 14, 21)),
        "policy",
        "tile/0/000.p/21",
        "tile/entries/000.p/21",
    ]
    assert "log.example.org/mine" in (made / "README.txt").read_text(encoding="utf-8")
    assert Reader(made).root() == Reader(tmp_path / "log").root()


def test_a_zip_has_the_same_files_and_the_same_bytes_each_time(tmp_path):
    write(tmp_path / "log", entries())
    for name in ("a.zip", "b.zip"):
        kit.write(tmp_path / "log", tmp_path / name, "program", policy())
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as found:
        assert found.read("inspect.py") == b"program"
        assert found.read("checkpoint") == (tmp_path / "log" / "checkpoint").read_bytes()


def test_blobs_headers_and_anchors_go_along_and_strangers_do_not(tmp_path):
    write(tmp_path / "log", entries())
    for folder, name in (("log/blobs", "0" * 64), ("headers", "5.bin"), ("anchors", "7.ots")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_bytes(b"x")
        (tmp_path / folder / "secret.txt").write_bytes(b"x")
    made = kit.write(
        tmp_path / "log", tmp_path / "kit", "", policy(), tmp_path / "headers", tmp_path / "anchors"
    )
    found = below(made)
    assert {f"blobs/{'0' * 64}", "headers/5.bin", "anchors/7.ots"} <= set(found)
    assert not any("secret" in name for name in found)


def test_nothing_is_written_over_or_left_behind(tmp_path):
    write(tmp_path / "log", entries())
    (tmp_path / "kit").mkdir()
    with pytest.raises(StoreError, match="free"):
        kit.write(tmp_path / "log", tmp_path / "kit", "", policy())
    os.remove(tmp_path / "log" / "tile" / "0" / "000.p" / "21")
    with pytest.raises(StoreError):
        kit.write(tmp_path / "log", tmp_path / "other", "", policy())
    assert sorted(os.listdir(tmp_path)) == ["kit", "log"]
