import threading
import urllib.request
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.record.sample import ORIGIN, entries, key, vkey, write

from baseload.record.audit import audit
from baseload.record.copying import copy_to
from baseload.record.errors import StoreError
from baseload.record.note import parse_key
from baseload.record.reader import Reader
from baseload.record.store import Log

KEYS = (parse_key(vkey("log", ORIGIN)),)


def grown(folder, first, last):
    with Log.open(folder, key("log")) as log:
        for n in range(first, last, 90):
            log.append([f"{m}".encode() for m in range(n, min(n + 90, last))])
        log.publish()


def test_a_copy_grows_with_its_log_and_is_whole_each_time(tmp_path):
    log, copy = write(tmp_path / "log", entries(20)), tmp_path / "copy"
    assert copy_to(log, copy) > 3
    for first, last in ((0, 30), (30, 300), (300, 900)):
        grown(log, first, last)
        copy_to(log, copy)
        found = audit(copy, KEYS)
        assert (found.size, found.problems) == (Reader(log).size, ())
    assert copy_to(log, copy) == 0
    assert not (copy / "state").exists()
    assert not (copy / "lock").exists()
    assert list(Reader(copy).entries()) == list(Reader(log).entries())


def test_only_what_is_new_is_written(tmp_path):
    log, copy = write(tmp_path / "log", entries(20)), tmp_path / "copy"
    grown(log, 0, 2000)
    copy_to(log, copy)
    full = (copy / "tile/entries/003").stat().st_mtime_ns
    grown(log, 2000, 2010)
    assert copy_to(log, copy) < 10
    assert (copy / "tile/entries/003").stat().st_mtime_ns == full


def test_another_log_is_not_written_over(tmp_path):
    log = write(tmp_path / "log", entries(20))
    longer = write(tmp_path / "longer", entries(40))
    copy_to(longer, tmp_path / "copy")
    with pytest.raises(StoreError, match="more than the log has"):
        copy_to(log, tmp_path / "copy")
    with Log.create(tmp_path / "other", ORIGIN, key("log")) as made:
        made.append([b"x"] * 50)
        made.publish()
    with pytest.raises(StoreError, match="root"):
        copy_to(tmp_path / "other", tmp_path / "copy")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis").write_text("x")
    with pytest.raises(StoreError, match="an empty folder"):
        copy_to(log, tmp_path / "mine")


def test_any_web_server_can_serve_it(tmp_path):
    """What a client of tlog-tiles asks for is there under its address."""
    copy_to(write(tmp_path / "log", entries(20)), tmp_path / "copy")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    serve = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path / "copy"))
    with serve as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            base = f"http://127.0.0.1:{server.server_address[1]}/"
            for name in ("checkpoint", "tile/0/000.p/21", "tile/entries/000.p/21"):
                with urllib.request.urlopen(base + name, timeout=5) as answer:
                    assert answer.read() == (tmp_path / "log" / name).read_bytes()
        finally:
            server.shutdown()
            thread.join()
