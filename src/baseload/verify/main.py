"""The inspector's command line: ``baseload inspect KIT``, and ``inspect.py KIT`` in a kit."""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from baseload.verify.audit import Audit, Trust, verdict_of
from baseload.verify.findings import BAD_INPUT, EXIT_CODES, InspectError, Refused
from baseload.verify.followers import followers_of
from baseload.verify.kit import Kit
from baseload.verify.notes import read_key, read_policy, str_key
from baseload.verify.page import page
from baseload.verify.proving import proof_from
from baseload.verify.report import Bar, json_of, text_of, written_out
from baseload.verify.resuming import Keeper, go_on
from baseload.verify.since import expect_earlier
from baseload.verify.workers import side_by_side, workers_for

DESCRIPTION = "Check a record alone, offline, trusting none of those who wrote it."
EPILOG = (
    "exit codes: 0 OK, 3 INCOMPLETE (not everything could be checked), 4 FAILED (something is "
    "wrong), 2 the kit or an option cannot be used"
)


def main(arguments: Sequence[str] | None = None, program: str | None = None) -> int:
    """Run the inspector, and return its exit code."""
    options = _options(arguments, program)
    began = time.monotonic()
    try:
        audit = _audit(options)
        _run(audit, options)
        verdict = verdict_of(audit, began)
        if options.html:
            _write(options.html, page(verdict, _embedded(audit, verdict, options.entry)))
    except InspectError as error:
        print(written_out(str(error)), file=sys.stderr)
        return BAD_INPUT
    sys.stdout.write(json_of(verdict) if options.json else text_of(verdict))
    return EXIT_CODES[verdict["verdict"]]


def _options(arguments: Sequence[str] | None, program: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=program, description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("kit", help="folder or zip file; here if left out", nargs="?", default=".")
    parser.add_argument("--log-key", help="verifier key of the log, as a party told it to you")
    parser.add_argument("--policy", help="file with keys of log and witnesses, as told to you")
    parser.add_argument("--charter", metavar="HASH", help="hash of the first entry, as told to you")
    parser.add_argument("--since", metavar="KIT", help="earlier kit that this one must go on from")
    parser.add_argument("--structure-only", action="store_true", help="hashes and signatures only")
    parser.add_argument("--workers", type=int, metavar="N", help="processes; as many as pay off")
    parser.add_argument("--resume", metavar="FILE", help="keep how far it came here, and go on")
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    parser.add_argument("--html", metavar="FILE", help="write the verdict as a page to read")
    parser.add_argument("--entry", type=int, metavar="N", help="entry whose proof the page holds")
    return parser.parse_args(arguments)


def _audit(options: argparse.Namespace) -> Audit:
    """Return the audit that is asked for: a new one, or one that was interrupted."""
    if options.workers is not None and options.workers < 1:
        raise InspectError("--workers", "1 or more", str(options.workers), "leave it out")
    trust = _trust(options)
    audit = Audit(Kit(options.kit), trust, options.structure_only)
    if not options.structure_only:
        audit.followers = followers_of(audit)
    if options.since:
        expect_earlier(audit, options.since)
    if options.resume and os.path.exists(options.resume):
        return go_on(options.resume, audit)
    return audit


def _run(audit: Audit, options: argparse.Namespace) -> None:
    """Run an audit with a bar, in as many processes as pay off, and keep how far it came."""
    bar = Bar()
    keeper = Keeper(options.resume, audit) if options.resume else None
    workers = options.workers
    if workers is None:
        workers = workers_for(audit.head.size)

    def told(done: int, size: int) -> None:
        bar(done, size)
        if keeper is not None:
            keeper.keep()

    try:
        audit.run(told, side_by_side(workers) if workers > 1 else None)
    finally:
        bar.end()
    if keeper is not None:
        keeper.end()


def _trust(options: argparse.Namespace) -> Trust:
    key = policy = None
    try:
        if options.log_key:
            key = read_key(options.log_key)
    except Refused as refused:
        raise InspectError(
            "--log-key", refused.expected, refused.found, "copy the key again from its holder"
        ) from None
    if options.policy:
        try:
            policy = read_policy(Path(options.policy).read_text(encoding="utf-8"))
        except OSError as error:
            raise _no_policy(options.policy, "a file", str(error.strerror)) from None
        except UnicodeDecodeError as error:
            raise _no_policy(options.policy, "UTF-8", str(error)) from None
        except Refused as refused:
            raise _no_policy(options.policy, refused.expected, refused.found) from None
    return Trust(key, policy, None if options.charter is None else _charter(options.charter))


def _charter(text: str) -> bytes:
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        expected, mend = "64 hex digits in lower case", "ask a party for it again"
        raise InspectError("--charter", expected, repr(text)[:80], mend)
    return bytes.fromhex(text)


def _no_policy(path: str, expected: str, found: str) -> InspectError:
    return InspectError(f"--policy {path}", expected, found, "ask a party for its policy again")


def _embedded(audit: Audit, verdict: dict[str, Any], index: int | None) -> dict[str, str] | None:
    """Return a proof for the page: of the entry asked for, the first finding's, or the newest."""
    if index is None:
        index = next((one["index"] for one in verdict["findings"] if "index" in one), None)
    found, seal = proof_from(audit.kit, index), audit.seal()
    keys = seal.log_keys if seal is not None else audit.log_keys().known
    return None if found is None or not keys else found | {"key": str_key(keys[-1])}


def _write(path: str, text: str) -> None:
    special = os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path))
    part = path if special else f"{path}.part"  # a pipe or a device is never replaced
    try:
        with open(part, "w", encoding="utf-8") as file:
            file.write(text)
        if not special:
            os.replace(part, path)
    except OSError as error:
        raise InspectError(
            f"--html {path}", "a file that can be written", str(error.strerror), "name another"
        ) from None
