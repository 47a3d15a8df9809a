"""Calendars of OpenTimestamps: servers that put many hashes into one transaction.

A calendar is not trusted with anything. What it answers is a proof that anyone checks against
block headers, and until then it can only be late, or gone: hence several of them.

References
----------
.. [1] P. Todd, python-opentimestamps, ``calendar.py``: paths, header and size of an answer.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from baseload.record import together
from baseload.record.anchor.ots import Timestamp, decode
from baseload.record.errors import FormatError, RecordError

T = TypeVar("T")
TIMEOUT = 20.0
"""Time for one calendar, from looking up its name to the last byte [s]."""
MAX_ANSWER = 10_000
"""Bytes of an answer, as the reference client has it."""
_HEADERS = {"Accept": "application/vnd.opentimestamps.v1", "User-Agent": "baseload"}
_KINDS = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
_MEND = "try again later, or ask another calendar"
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9#\-.,; ]")


class CalendarError(RecordError):
    """A calendar whose answer is none."""


class OutOfReach(CalendarError):
    """A calendar that does not answer."""


@dataclass(frozen=True)
class Calendar:
    """A calendar.

    Parameters
    ----------
    url : its address, without a slash at the end.
    timeout : longest wait for one step of the network [s].
    """

    url: str
    timeout: float = TIMEOUT

    @classmethod
    def at(cls, text: str, timeout: float = TIMEOUT) -> Calendar:
        """Return the calendar at an address.

        Raises
        ------
        FormatError
            It is no address of a calendar.
        """
        url = text.rstrip("/")
        try:
            parts = urlsplit(url)
            usable = parts.scheme in _KINDS and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable or not re.fullmatch(r"[A-Za-z0-9\-._/:]{1,1000}", url, re.ASCII):
            raise FormatError(
                f"calendar {text!a}",
                expected="an address such as https://calendar.example.org",
                found=ascii(text),
                mend="mend the address after --calendar",
            )
        return cls(url, timeout)

    def submit(self, digest: bytes) -> Timestamp:
        """Hand in a hash, and return what the calendar promises for it.

        Parameters
        ----------
        digest : SHA-256, 32 bytes.

        Raises
        ------
        CalendarError
            The calendar cannot be reached, or its answer is no proof of the hash.
        """
        status, body = self._ask("POST", "/digest", digest)
        if status != 200:
            raise self._failed("a proof", f"status {status}: {_plain(body)}")
        return self._proof(body, digest)

    def completed(self, message: bytes) -> Timestamp | str:
        """Ask for the rest of a proof.

        Parameters
        ----------
        message : what the calendar was said to hold.

        Returns
        -------
        The rest, or what the calendar says where there is none yet.

        Raises
        ------
        CalendarError
            The calendar cannot be reached, or its answer is no proof.
        """
        status, body = self._ask("GET", f"/timestamp/{message.hex()}", None)
        if status == 404:
            return _plain(body) or "not yet"
        if status != 200:
            raise self._failed("a proof", f"status {status}: {_plain(body)}")
        return self._proof(body, message)

    def _proof(self, body: bytes, message: bytes) -> Timestamp:
        try:
            return decode(body, message, f"answer of {self.url}")
        except FormatError as error:
            found = f"{error.found} ({error.where}, where {error.expected} should be)"
            raise self._failed("a proof", found) from None

    def _ask(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        parts = urlsplit(self.url)
        connection = _KINDS[parts.scheme](parts.hostname or "", parts.port, timeout=self.timeout)
        try:
            connection.request(method, parts.path + path, body, _HEADERS)
            answer = connection.getresponse()
            data = answer.read(MAX_ANSWER + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            found = str(error) or type(error).__name__
            raise OutOfReach(
                f"calendar {self.url}",
                expected="a calendar that answers",
                found=ascii(found)[1:-1][:120],
                mend=_MEND,
            ) from None
        finally:
            connection.close()
        if len(data) > MAX_ANSWER:
            raise self._failed(f"an answer of at most {MAX_ANSWER:,} bytes", "a longer one")
        return answer.status, data

    def _failed(self, expected: str, found: str) -> CalendarError:
        return CalendarError(
            f"calendar {self.url}",
            expected=expected,
            found=found,
            mend=_MEND,
        )


def each(asks: Mapping[str, Callable[[], T]], limit: float = TIMEOUT) -> dict[str, T | RecordError]:
    """Ask calendars at once; see :func:`baseload.record.together.each`."""
    return together.each(asks, limit, _late)


def _late(name: str, limit: float) -> OutOfReach:
    return OutOfReach(
        f"calendar {name}", expected=f"an answer within {limit:g} s", found="none", mend=_MEND
    )


def _plain(body: bytes) -> str:
    """Return the first line of what a server says, without anything that a terminal obeys."""
    line = body[:160].decode("latin-1").strip().split("\n")[0]
    return _NOT_PLAIN.sub("_", line)
