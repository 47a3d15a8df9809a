from itertools import islice
from threading import Thread

import pytest
from tests.record.sample import ORIGIN, entries, key, write

from baseload.record.errors import StoreError
from baseload.record.reader import Reader
from baseload.record.store import Log
from baseload.record.tailing import following, last


def test_the_last_entries_come_in_their_order(tmp_path):
    data = entries(20)
    reader = Reader(write(tmp_path / "log", data))
    assert last(reader, 3) == [(18, data[18]), (19, data[19]), (20, data[20])]
    assert last(reader, 3, "desk") == [(0, data[0])]
    assert last(reader, 0) == []


def test_entries_are_given_as_they_are_published(tmp_path):
    data, found = entries(30), []
    write(tmp_path / "log", data[:10])
    given = following(tmp_path / "log", 8, pause=0.01)
    reading = Thread(target=lambda: found.extend(islice(given, 8)), daemon=True)
    reading.start()
    with Log.open(tmp_path / "log", key("log")) as log:
        for one in data[10:16]:
            log.append([one])
            log.publish()
    reading.join(10.0)
    assert found == list(enumerate(data[8:16], 8))


def test_a_log_that_was_set_back_is_told(tmp_path):
    with Log.create(tmp_path / "log", ORIGIN, key("log")) as log:
        log.append(entries(3))
        log.publish()
    with pytest.raises(StoreError, match="set back"):
        next(following(tmp_path / "log", 9))
