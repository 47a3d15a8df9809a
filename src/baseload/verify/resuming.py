"""How far an inspection has come, kept in a file, so that one of hours can go on the next day.

The file is the inspector's own: what it says was checked is not checked again. It is written for
its owner alone, it is bound to the kit, its checkpoint and the options, and reading it makes
objects of this program and nothing else.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import stat
import sys
import time
from hashlib import sha256
from typing import Any

from baseload.verify.audit import Audit
from baseload.verify.findings import InspectError, Refused

STATE_FORM = "baseload/inspection/3"
KEEP_EVERY = 20.0
"""Seconds between two states that are kept."""
MAX_STATE = 2 * 1024**3


class Keeper:
    """Keeps the state of an audit from time to time.

    Parameters
    ----------
    path : file to keep it in.
    audit : the audit.
    every : seconds between two states.
    """

    def __init__(self, path: str, audit: Audit, every: float = KEEP_EVERY) -> None:
        folder = os.path.dirname(path) or "."
        if not os.access(folder, os.W_OK):  # told now, not after the first minute of work
            raise _unusable(path, "a file in a folder that can be written", f"no such {folder}")
        self._path = path
        self._audit = audit
        self._every = every
        self._last = time.monotonic()

    def keep(self) -> None:
        """Keep the state if it is time to."""
        if time.monotonic() - self._last >= self._every:
            self._write()
            self._last = time.monotonic()

    def end(self) -> None:
        """Take the file away: the audit has come to its end."""
        if os.path.exists(self._path):
            os.remove(self._path)

    def _write(self) -> None:
        part = f"{self._path}.part"
        data = pickle.dumps(self._audit, protocol=5)
        head = json.dumps(_bound_to(self._audit) | {"sha256": sha256(data).hexdigest()})
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(head.encode() + b"\n" + data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, self._path)
        except OSError as error:
            raise _unusable(self._path, "a file that can be written", str(error)) from None


def go_on(path: str, new: Audit) -> Audit:
    """Return an audit where an earlier one of the same kit was interrupted.

    Parameters
    ----------
    path : file with its state.
    new : the audit as it would begin: kit, checkpoint and options must be the same.

    Raises
    ------
    InspectError
        The file is damaged, of another kit, or not the owner's alone.
    """
    head, data = _read(path)
    wanted = _bound_to(new)
    for key, value in wanted.items():
        if head.get(key) != value:
            raise _unusable(path, f"{key} {value}", str(head.get(key)))
    if sha256(data).hexdigest() != head.get("sha256"):
        raise _unusable(path, "the state that was written", "another")
    try:
        found = _Unpickler(io.BytesIO(data)).load()
    except Exception as error:
        # Whatever a state of another version does not fit into: there is no end to the kinds.
        raise _unusable(
            path, "a state of this program", f"{type(error).__name__}: {error}"
        ) from None
    if not isinstance(found, Audit):
        raise _unusable(path, "a state of this program", type(found).__name__)
    found.resumed = found.counts["structure"]
    return found


def _read(path: str) -> tuple[dict[str, Any], bytes]:
    try:
        if not os.path.isfile(path):  # a pipe would be waited for
            raise Refused("a plain file", "something else")
        with open(path, "rb") as file:
            info = os.fstat(file.fileno())
            if os.name == "posix" and (
                info.st_uid != os.getuid() or stat.S_IMODE(info.st_mode) & 0o077
            ):
                raise Refused("a file that nobody else can read or write", oct(info.st_mode))
            first, data = file.readline(100_000), file.read(MAX_STATE)
        head = json.loads(first)
        if not isinstance(head, dict):
            raise Refused("a state of an inspection", "something else")
    except OSError as error:
        raise _unusable(path, "a file that can be read", str(error.strerror)) from None
    except Refused as refused:
        raise _unusable(path, refused.expected, refused.found) from None
    except (ValueError, RecursionError):
        raise _unusable(path, "a state of an inspection", "something else") from None
    return head, data


def _bound_to(audit: Audit) -> dict[str, Any]:
    """Return what a state belongs to: it is of no use for anything else."""
    trust = (audit.trust.log_key, audit.trust.policy, audit.trust.charter)
    return {
        "schema": STATE_FORM,
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "kit": os.path.abspath(audit.kit.path),
        "checkpoint": sha256(audit.kit.read("checkpoint") or b"").hexdigest(),
        "trust": sha256(repr(trust).encode()).hexdigest(),
        "structure_only": audit.structure_only,
        "since": audit.expected,
    }


class _Unpickler(pickle.Unpickler):
    """Makes plain containers and objects of this program, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        plain = {
            "builtins": ("set", "frozenset", "range"),
            "collections": ("deque",),
            "array": ("array", "_array_reconstructor"),
        }
        if name in plain.get(module, ()):
            return super().find_class(module, name)
        own = Audit.__module__.rpartition(".")[0]
        if module == Audit.__module__ or (own and module.startswith(f"{own}.")):
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is none of this program's")


def _unusable(path: str, expected: str, found: str) -> InspectError:
    return InspectError(
        f"--resume {path}", expected, found, "name another file to begin again from nothing"
    )
