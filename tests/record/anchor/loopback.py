"""A calendar on loopback, and blocks of a chain of its own, made without any code of the record.

What it answers is laid out as python-opentimestamps has it (``core/serialize.py``,
``core/op.py``, ``core/notary.py``); commitments have the form of public calendars: four bytes of
time before, eight bytes of a code after the hash.
"""

import struct
import threading
import time
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BITS = 0x207FFFFF
TARGET = 0x7FFFFF << 232
BITCOIN = bytes.fromhex("0588960d73d71901")
PENDING = bytes.fromhex("83dfe30d2ef90c8e")
BEFORE, AFTER = b"transaction before", b"and after"


def double(data):
    return sha256(sha256(data).digest()).digest()


def varint(value):
    found = b""
    while value > 127:
        found += bytes([value & 127 | 128])
        value >>= 7
    return found + bytes([value])


def sized(data):
    return varint(len(data)) + data


def add(data):
    return b"\xf0" + sized(data)


def before(data):
    return b"\xf1" + sized(data)


def pending(uri):
    return b"\x00" + PENDING + sized(sized(uri.encode()))


def block(height):
    return b"\x00" + BITCOIN + sized(varint(height))


def mined(root, prev=bytes(32), seconds=1_767_300_000):
    """Return a header with its work, at a difficulty at which every second one has it."""
    head = struct.pack("<I32s32sII", 0x20000000, prev, root, seconds, BITS)
    for nonce in range(1000):
        header = head + struct.pack("<I", nonce)
        if int.from_bytes(double(header), "little") <= TARGET:
            return header
    raise AssertionError("no work in 1000 tries")


class Calendar(ThreadingHTTPServer):
    """An honest calendar; `answer` replaces what it says to the next requests."""

    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.asked = []
        self.promised = []
        self.rest = {}
        self.answer = None

    def promise(self, digest):
        number = len(self.promised)
        own = sha256(f"{self.url} {number}".encode()).digest()[:16]
        stamp, code = struct.pack(">I", 1_767_290_000 + number), sha256(digest).digest()[:8]
        self.promised.append(stamp + sha256(digest + own).digest() + code)
        return add(own) + b"\x08" + before(stamp) + add(code) + pending(self.url)

    def mine(self, height, prev=bytes(32)):
        """Put all that was promised into a block, and return its header."""
        leaves = {one: sha256(one).digest() for one in self.promised}
        paths = dict.fromkeys(leaves, b"\x08")
        groups = [([one], leaf) for one, leaf in leaves.items()]
        while len(groups) > 1:
            (left, one), (right, other) = groups.pop(0), groups.pop(0)
            for name in left:
                paths[name] += add(other) + b"\x08"
            for name in right:
                paths[name] += before(one) + b"\x08"
            groups.append((left + right, sha256(one + other).digest()))
        sibling = sha256(b"coinbase").digest()
        root = double(sibling + double(BEFORE + groups[0][1] + AFTER))
        for name, path in paths.items():
            path += before(BEFORE) + add(AFTER) + b"\x08\x08" + before(sibling) + b"\x08\x08"
            self.rest[name] = path + block(height)
        return mined(root, prev)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, body, dict(self.headers)))
        self._say(200, self.server.promise(body))

    def do_GET(self):
        self.server.asked.append((self.path, b"", dict(self.headers)))
        found = self.server.rest.get(bytes.fromhex(self.path.removeprefix("/timestamp/")))
        self._say(404, b"Pending confirmation in Bitcoin blockchain\nx") if found is None else (
            self._say(200, found)
        )

    def _say(self, status, body):
        if self.server.answer is not None:
            self.server.answer(self, status, body)
            return
        self.reply(status, body)

    def reply(self, status, body, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def calendars(count=2):
    """Serve calendars until the block ends."""
    made = [Calendar() for _ in range(count)]
    threads = [
        threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.01}) for one in made
    ]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        for one, thread in zip(made, threads, strict=True):
            one.shutdown()
            thread.join()
            one.server_close()


def huge(handler, status, body):
    handler.reply(status, b"\x08" * 50_000)


def endless(handler, status, body):
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(1000):
            handler.wfile.write(b"\x08" * 1000)
    except OSError:
        pass


def garbage(handler, status, body):
    handler.reply(200, b"<html>\x1b[31mno proof</html>")


def empty(handler, status, body):
    handler.reply(200, b"")


def failing(handler, status, body):
    handler.reply(500, b"\x1b[2Jout of order\nsecond line")


def redirecting(handler, status, body):
    handler.reply(302, b"", Location="http://127.0.0.1:1/")


def no_http(handler, status, body):
    handler.wfile.write(b"SSH-2.0-OpenSSH\r\n")


def hanging_up(handler, status, body):
    handler.close_connection = True


def dripping(handler, status, body):
    """Send a byte every so often, and so never run into the limit of a socket."""
    handler.send_response(200)
    try:
        for _ in range(40):
            handler.wfile.write(b"X")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass


HOSTILE = [
    huge, endless, garbage, empty, failing, redirecting, no_http, hanging_up, dripping,
]  # fmt: skip
