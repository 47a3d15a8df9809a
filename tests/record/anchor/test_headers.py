"""Headers in a folder."""

import pytest

from baseload.record.anchor.headers import Headers
from baseload.record.errors import StoreError


def test_a_header_is_found_in_whichever_file_it_is(tmp_path):
    files = {"5": bytes(80) + b"\x01" * 80, "9": b"\x02" * 80, "7": b"short", "more": bytes(800)}
    for name, data in files.items():
        (tmp_path / f"{name}.bin").write_bytes(data)
    headers = Headers(tmp_path)
    found = {height: headers.merkle_root(height) for height in (0, 4, 5, 6, 7, 9, 10, 2**64 - 1)}
    assert found == {
        0: None, 4: None, 5: bytes(32), 6: b"\x01" * 32, 7: None, 9: b"\x02" * 32, 10: None,
        2**64 - 1: None,
    }  # fmt: skip


def test_the_root_is_where_the_header_has_it(tmp_path):
    (tmp_path / "1.bin").write_bytes(bytes(range(80)))
    assert Headers(tmp_path).merkle_root(1) == bytes(range(36, 68))


def test_no_folder_and_one_that_is_not_there(tmp_path):
    assert Headers(None).merkle_root(1) is None
    with pytest.raises(StoreError, match="a folder of headers"):
        Headers(tmp_path / "nothing")


def test_a_file_that_cannot_be_read_any_more(tmp_path):
    path = tmp_path / "1.bin"
    path.write_bytes(bytes(80))
    headers = Headers(tmp_path)
    path.unlink()
    with pytest.raises(StoreError, match="a file of headers"):
        headers.merkle_root(1)
