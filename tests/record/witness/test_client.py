import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from hashlib import sha256

import pytest
from tests.record.sample import ORIGIN, WITNESSES, entries, key, vkey, write
from tests.record.witness.test_state import ENTRIES, LOG, OTHER, request

from baseload.record import note
from baseload.record.errors import StoreError
from baseload.record.policy import parse
from baseload.record.publishing import publish
from baseload.record.reader import Reader
from baseload.record.store import Log
from baseload.record.witness import server
from baseload.record.witness.client import (
    WitnessError,
    add_checkpoint,
    fetch,
    gather,
    newest_known,
)
from baseload.record.witness.state import WitnessState

DIGEST = sha256(ORIGIN.encode()).hexdigest()


@contextmanager
def serving(folder, name="witness.one", rate=1000.0):
    state = WitnessState(folder, name, key(name), [note.parse_key(vkey("log", ORIGIN))])
    with server.WitnessServer(("127.0.0.1", 0), state, rate) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{made.server_address[1]}"
        finally:
            made.shutdown()
            thread.join()
            state.close()


def policy(**urls):
    lines = [f"log {vkey('log', ORIGIN)}"]
    lines += [f"witness {n} {vkey(n, n, True)} {urls.get(n, '')}" for n in WITNESSES]
    return parse("\n".join([*lines, f"group both 2 {' '.join(WITNESSES)}", "quorum both"]))


def test_the_exchanges_of_the_protocol_over_a_socket(tmp_path):
    with serving(tmp_path) as url:
        assert fetch(url, f"/{DIGEST}/checkpoint") is None
        body = request(0, ENTRIES[:3])
        assert add_checkpoint(url, 0, (), body.partition(b"\n\n")[2]).status == 200
        assert fetch(url, f"/{DIGEST}/checkpoint").startswith(ORIGIN.encode())
        assert fetch(url, f"/{DIGEST}/fork") is None
        assert fetch(url, "/etc/passwd") is None
        reply = add_checkpoint(url, 0, (), request(0, ENTRIES).partition(b"\n\n")[2])
        assert (reply.status, reply.body) == (409, b"3\n")
        reply = add_checkpoint(url, 3, (), request(3, OTHER[:3], proof=[]).partition(b"\n\n")[2])
        assert reply.status == 200  # the first three entries are the same


def raw(url, data):
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as line:
        line.sendall(data)
        line.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: line.recv(65536), b"")).split(b"\r\n")[0]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"POST /add-checkpoint HTTP/1.1\r\n\r\n", b"411"),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"411"),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 50\r\n\r\nold", b"400"),
        (b"POST /else HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", b"404"),
        (b"PUT /add-checkpoint HTTP/1.1\r\n\r\n", b"501"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"nonsense\r\n\r\n", b"400"),
    ],
)
def test_requests_that_are_none_are_turned_away(tmp_path, data, status):
    with serving(tmp_path) as url:
        assert status in raw(url, data)


def test_who_dribbles_is_cut_off_and_holds_nobody_up(tmp_path, monkeypatch):
    monkeypatch.setattr(server, "TIMEOUT", 0.3)
    with serving(tmp_path) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as slow:
            slow.sendall(b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 50\r\n\r\nold")
            assert fetch(url, f"/{DIGEST}/checkpoint") is None
            began = time.monotonic()
            assert slow.recv(100) == b""
            assert time.monotonic() - began < 3


def test_slow_headers_end_too_and_take_only_their_places(tmp_path, monkeypatch):
    monkeypatch.setattr(server, "TIMEOUT", 0.5)
    monkeypatch.setattr(server, "MAX_REQUESTS", 2)
    with serving(tmp_path) as url:
        host, port = url.removeprefix("http://").split(":")
        lines = [socket.create_connection((host, int(port)), timeout=5) for _ in range(4)]
        began = time.monotonic()
        closed = set()
        while len(closed) < 4 and time.monotonic() - began < 5:
            for place, line in enumerate(lines):
                try:
                    line.sendall(b"X")
                    line.settimeout(0.05)
                    closed |= {place} if not line.recv(10) else set()
                except TimeoutError:
                    continue
                except OSError:
                    closed.add(place)
        assert closed == {0, 1, 2, 3}
        assert fetch(url, f"/{DIGEST}/checkpoint") is None
        for line in lines:
            line.close()


@contextmanager
def answering(*parts, pause=0.0):
    """A server that answers every request with the same bytes, one part after the other."""
    with socket.create_server(("127.0.0.1", 0)) as made:

        def serve():
            while True:
                try:
                    line, _ = made.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(line,), daemon=True).start()

        def answer(line):
            with line, suppress(OSError):
                line.recv(65_536)
                for part in parts:
                    line.sendall(part)
                    time.sleep(pause)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{made.getsockname()[1]}"


def test_a_witness_that_drips_holds_nobody_up():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
    with answering(head, *[b"x"] * 100, pause=0.2) as url:
        began = time.monotonic()
        known, alarms = newest_known(policy(**{WITNESSES[0]: url}), ORIGIN, [LOG], limit=0.5)
        assert time.monotonic() - began < 3
    assert (known, len(alarms)) == ([], 1)
    assert "none within 0.5 s" in alarms[0]


@pytest.mark.parametrize("size", [b"9" * 5000, b"-1", b"", b"\xff", b"1e3", "٣".encode()])
def test_an_absurd_size_is_an_alarm(tmp_path, size):
    write(tmp_path / "log", entries(), start=0)
    reader = Reader(tmp_path / "log")
    head = b"HTTP/1.1 409 Conflict\r\nContent-Length: %d\r\n\r\n" % len(size)
    with answering(head + size) as url:
        found = gather(policy(**{WITNESSES[0]: url}), reader, reader.checkpoint()[1], reader.size)
    assert "witness.one has not signed" in found.alarms[0]


def test_too_many_requests_are_turned_away(tmp_path):
    with serving(tmp_path, rate=2.0) as url:
        found = [raw(url, b"GET /x/checkpoint HTTP/1.1\r\n\r\n") for _ in range(4)]
    assert b"429" in found[-1]


def test_who_asks_too_much_takes_nothing_from_others(monkeypatch):
    monkeypatch.setattr(server, "MAX_ADDRESSES", 2)
    buckets = server.Buckets(2.0)
    assert [buckets.take("a") for _ in range(4)] == [True, True, False, False]
    assert buckets.take("b")
    assert not buckets.take("a")
    assert buckets.take("c")  # forgets b
    assert len(buckets._of) == 2


def test_witnesses_sign_and_those_that_do_not_answer_are_named(tmp_path):
    write(tmp_path / "log", entries(), start=0)
    reader = Reader(tmp_path / "log")
    bare = note.Note(reader.checkpoint()[1].text, reader.checkpoint()[1].signatures[:1])
    first, second = WITNESSES
    with serving(tmp_path / "a", first) as one, serving(tmp_path / "b", second) as two:
        found = gather(policy(**{first: one, second: two}), reader, bare, reader.size)
        assert (len(found.signatures), found.alarms, found.met) == (2, (), True)
        again = gather(policy(**{first: one}), reader, bare, reader.size)
        assert (len(again.signatures), again.met) == (1, False)
        wrong = gather(policy(**{first: two}), reader, bare, reader.size)
        assert wrong.signatures == ()
        assert first in wrong.alarms[0]
    gone = gather(policy(**{first: one, second: two}), reader, bare, reader.size)
    assert (gone.signatures, len(gone.alarms), gone.met) == ((), 2, False)
    with pytest.raises(WitnessError, match="answers"):
        fetch(one, "/x")


def test_an_old_copy_of_a_log_is_not_signed_for(tmp_path):
    """The witness has seen more than the restored folder holds: to sign would fork the log."""
    key("log").write(tmp_path / "key", b"secret")
    with serving(tmp_path / "w") as url:
        lines = [
            f"log {vkey('log', ORIGIN)}",
            f"witness a {vkey('witness.one', 'witness.one', True)} {url}",
        ]
        (tmp_path / "policy").write_text("\n".join([*lines, "quorum a\n"]), encoding="utf-8")

        def published(folder):
            return publish(folder, tmp_path / "key", b"secret", tmp_path / "policy")

        write(tmp_path / "log", entries(10))
        assert published(tmp_path / "log").have == 1
        shutil.copytree(tmp_path / "log", tmp_path / "old")
        with Log.open(tmp_path / "log", key("log")) as log:
            log.append([ENTRIES[2]])
        assert published(tmp_path / "log").have == 1
        with Log.open(tmp_path / "old", key("log")) as log:
            log.append([ENTRIES[3]])
        before = (tmp_path / "old" / "checkpoint").read_bytes()
        with pytest.raises(StoreError, match="old copy"):
            published(tmp_path / "old")
        with Log.open(tmp_path / "old", key("log")) as log:
            log.append([ENTRIES[4]])  # longer than what the witness knows, and still another log
        with pytest.raises(StoreError, match="old copy"):
            published(tmp_path / "old")
        assert (tmp_path / "old" / "checkpoint").read_bytes() == before
        assert fetch(url, f"/{DIGEST}/fork") is None
    assert "could not tell" in published(tmp_path / "log").alarms[0]


def test_what_a_witness_says_counts_only_with_the_logs_signature(tmp_path):
    write(tmp_path / "log", entries(3))
    stranger = note.parse_key(vkey("stranger", ORIGIN))
    with serving(tmp_path / "w") as url:
        reader = Reader(tmp_path / "log")
        gather(policy(**{WITNESSES[0]: url}), reader, reader.checkpoint()[1], reader.size)
        told = policy(**{WITNESSES[0]: url})
        known, alarms = newest_known(told, ORIGIN, [note.parse_key(vkey("log", ORIGIN))])
        assert ([one.size for one in known], alarms) == ([4], [])
        known, alarms = newest_known(told, ORIGIN, [stranger])
        assert (known, len(alarms)) == ([], 1)


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "baseload", *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=60, env=ENVIRONMENT,
    )  # fmt: skip


ENVIRONMENT = {**__import__("os").environ, "BASELOAD_PASSPHRASE": "secret"}


def test_a_forked_log_is_caught_between_separate_processes(tmp_path):
    """The log shows one witness another record, and anyone can prove that offline."""
    key("w").write(tmp_path / "w.key", b"secret")
    serve = ["witness", "serve", "--folder", tmp_path / "w", "--key", tmp_path / "w.key"]
    serve += ["--name", "w", "--log", vkey("log", ORIGIN), "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "baseload", *map(str, serve)],
        stdout=subprocess.PIPE, text=True, env=ENVIRONMENT,
    )  # fmt: skip
    try:
        assert process.stdout.readline().strip() == vkey("w", "w", True)
        url = process.stdout.readline().split()[-1]
        told = parse(
            f"log {vkey('log', ORIGIN)}\nwitness w {vkey('w', 'w', True)} {url}\nquorum w\n"
        )
        for name, last in (("one", b"1"), ("two", b"2")):
            with Log.create(tmp_path / name, ORIGIN, key("log")) as log:
                log.append([*entries(5), last])
                size = log.publish().size
            reader = Reader(tmp_path / name)
            found = gather(told, reader, reader.checkpoint()[1], size)
            assert found.met == (name == "one")
        assert "fork" in found.alarms[0]
        proof = fetch(url, f"/{DIGEST}/fork")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    (tmp_path / "proof").write_bytes(proof)
    proven = run("witness", "fork", tmp_path / "proof", "--log-key", vkey("log", ORIGIN))
    assert (proven.returncode, "fork proven" in proven.stdout) == (0, True)
    halves = proof.decode().split("\n--\n")
    same = halves[0] + "\n--\n" + halves[0].partition("\n\n")[2] + "\n"
    (tmp_path / "same").write_text(same, encoding="utf-8")
    assert run("witness", "fork", tmp_path / "same").returncode == 4
    (tmp_path / "no").write_text("nothing", encoding="utf-8")
    failed = run("witness", "fork", tmp_path / "no")
    assert (failed.returncode, "expected" in failed.stderr) == (2, True)
