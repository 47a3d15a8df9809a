import os
import threading

import pytest

from baseload.record.errors import StoreError
from baseload.record.writing import read, replace


def test_a_file_is_whole_or_not_there(tmp_path):
    replace(tmp_path / "a", b"one")
    replace(tmp_path / "a", b"two")
    assert read(tmp_path / "a") == b"two"
    assert os.listdir(tmp_path) == ["a"]
    for place in (tmp_path, tmp_path / "no" / "a", tmp_path / "a" / "b"):
        with pytest.raises(StoreError, match="can be written to"):
            replace(place, b"three")
    assert os.listdir(tmp_path) == ["a"]
    with pytest.raises(StoreError, match="a file"):
        read(tmp_path / "b")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_pipe_is_written_to_and_stays_one(tmp_path):
    """To rename over /dev/null or /dev/stdout would take them away from every program."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    thread = threading.Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    thread.start()
    replace(pipe, b"one")
    thread.join(10)
    assert got == [b"one"]
    assert pipe.is_fifo()
