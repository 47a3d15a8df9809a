"""A witness on the network: three addresses, small requests, patient with nobody."""

from __future__ import annotations

import io
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from baseload.record.witness.state import Answer, WitnessState

MAX_BODY = 1_100_000
"""Bytes of a request; a checkpoint has at most 1,000,000."""
TIMEOUT = 10.0
"""Time in which a request must have come in whole [s]."""
MAX_REQUESTS = 64
"""Connections at a time; more are closed."""
RATE = 100.0
"""Requests a second of one address; a burst of as many is let through."""
MAX_ADDRESSES = 1000
"""Addresses whose requests are counted."""


class WitnessServer(ThreadingHTTPServer):
    """Serves a witness.

    Parameters
    ----------
    address : host and port; port 0 takes a free one.
    state : the witness.
    rate : requests a second that are answered.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], state: WitnessState, rate: float = RATE) -> None:
        self.state = state
        self.slots = threading.BoundedSemaphore(MAX_REQUESTS)
        self.buckets = Buckets(rate)
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a connection, if there are not too many: each has a thread from its first byte."""
        if not self.slots.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self.slots.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer a connection, and make room for the next."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.slots.release()


class Bucket:
    """Lets so many pass in a second.

    Parameters
    ----------
    rate : how many; as many may pass at once.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._left = rate
        self._at = time.monotonic()
        self._mutex = threading.Lock()

    def take(self) -> bool:
        """Tell whether one more may pass."""
        with self._mutex:
            now = time.monotonic()
            self._left = min(self._rate, self._left + (now - self._at) * self._rate)
            self._at = now
            if self._left < 1.0:
                return False
            self._left -= 1.0
            return True


class Buckets:
    """A bucket for each address that asks: who asks too much takes nothing from the others.

    Parameters
    ----------
    rate : how many requests a second each address has.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._mutex = threading.Lock()
        self._of: dict[str, Bucket] = {}

    def take(self, address: str) -> bool:
        """Tell whether one more of an address may pass; those seen longest ago are forgotten."""
        with self._mutex:
            bucket = self._of.pop(address, None) or Bucket(self._rate)
            self._of[address] = bucket
            if len(self._of) > MAX_ADDRESSES:
                del self._of[next(iter(self._of))]
        return bucket.take()


class _Timed(io.RawIOBase):
    """A connection that is read until an instant, however slowly its bytes come."""

    def __init__(self, connection: socket.socket, end: float) -> None:
        self._connection = connection
        self._end = end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        rest = self._end - time.monotonic()
        if rest <= 0:
            raise TimeoutError
        self._connection.settimeout(rest)
        return self._connection.recv_into(buffer)


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    timeout: ClassVar[float] = TIMEOUT
    protocol_version = "HTTP/1.1"
    server_version = "baseload-witness"
    sys_version = ""

    def setup(self) -> None:
        super().setup()
        self.rfile = io.BufferedReader(_Timed(self.connection, time.monotonic() + TIMEOUT))

    def do_POST(self) -> None:
        self._limited(self._post)

    def do_GET(self) -> None:
        self._limited(self._get)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what is asked for comes from strangers."""

    def _limited(self, work: object) -> None:
        self.close_connection = True
        try:
            if not self.server.buckets.take(self.client_address[0]):
                self._answer(Answer(429, "too many requests\n"))
            elif callable(work):
                self._answer(work())
        except (TimeoutError, ConnectionError):
            return  # whoever asked is slow or gone

    def _post(self) -> Answer:
        if self.path != "/add-checkpoint":
            return Answer(404, "only /add-checkpoint takes something\n")
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            return Answer(411, "say how long it is\n")
        if len(length) > 10 or int(length) > MAX_BODY:
            return Answer(413, f"at most {MAX_BODY} bytes\n")
        body = self.rfile.read(int(length))
        if len(body) != int(length):
            return Answer(400, "it ended too early\n")
        return self.server.state.add(body)

    def _get(self) -> Answer:
        place, _, name = self.path.removeprefix("/").partition("/")
        origin = self.server.state.origin_of(place)
        state = self.server.state
        kept = {"checkpoint": state.newest, "fork": state.fork, "unproven": state.unproven}
        if origin is None or name not in kept:
            return Answer(404, "nothing here\n")
        data = kept[name](origin)
        return Answer(404, "none\n") if data is None else Answer(200, data.decode())

    def _answer(self, answer: Answer) -> None:
        data = answer.text.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)
