"""A witness on the network: three addresses, small requests, patient with nobody."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from baseload.record.witness.state import Answer, WitnessState

MAX_BODY = 1_100_000
"""Bytes of a request; a checkpoint has at most 1,000,000."""
TIMEOUT = 10.0
"""Time in which a request must have come in whole [s]."""
MAX_REQUESTS = 64
"""Requests at a time; more are turned away."""
RATE = 100.0
"""Requests a second, over all who ask; a burst of as many is let through."""


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
        self.bucket = Bucket(rate)
        super().__init__(address, _Handler)


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


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    timeout: ClassVar[float] = TIMEOUT
    protocol_version = "HTTP/1.1"
    server_version = "baseload-witness"
    sys_version = ""

    def do_POST(self) -> None:
        self._limited(self._post)

    def do_GET(self) -> None:
        self._limited(self._get)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what is asked for comes from strangers."""

    def _limited(self, work: object) -> None:
        self.close_connection = True
        if not self.server.slots.acquire(blocking=False):
            self._answer(Answer(503, "too many requests at a time\n"))
            return
        try:
            if not self.server.bucket.take():
                self._answer(Answer(429, "too many requests\n"))
            elif callable(work):
                self._answer(work())
        except (TimeoutError, ConnectionError):
            pass
        finally:
            self.server.slots.release()

    def _post(self) -> Answer:
        if self.path != "/add-checkpoint":
            return Answer(404, "only /add-checkpoint takes something\n")
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            return Answer(411, "say how long it is\n")
        if len(length) > 10 or int(length) > MAX_BODY:
            return Answer(413, f"at most {MAX_BODY} bytes\n")
        body = self._whole(int(length))
        return Answer(400, "it ended too early\n") if body is None else self.server.state.add(body)

    def _whole(self, length: int) -> bytes | None:
        """Read a body within the time for a whole request, not for each piece of it."""
        end, parts, left = time.monotonic() + TIMEOUT, [], length
        while left:
            rest = end - time.monotonic()
            if rest <= 0:
                raise TimeoutError
            self.connection.settimeout(rest)
            part = self.rfile.read1(min(left, 65_536))
            if not part:
                return None
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

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
