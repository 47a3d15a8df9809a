"""One target for each parser: what it is given, and the only errors that may leave it."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz import corpus
from tests.record.sample import kit_of, vkey
from tests.record.test_meterfile import HEAD, MAP, hours

from baseload.record import canonical, checkpoint, note, policy, tiles
from baseload.record.anchor import ots
from baseload.record.appending import _read_line
from baseload.record.begin import _read as read_charter
from baseload.record.changing import read_draft, read_table
from baseload.record.errors import RecordError
from baseload.record.events import parse
from baseload.record.fork import parse_fork
from baseload.record.meterfile import readings
from baseload.record.metermap import read_map
from baseload.record.proof import parse_proof
from baseload.record.reader import Reader
from baseload.record.state import recover
from baseload.record.vee.settings import read_settings
from baseload.record.witness.state import WitnessState
from baseload.verify.audit import Audit, verdict_of
from baseload.verify.canonicaltext import read_canonical
from baseload.verify.findings import InspectError, Refused
from baseload.verify.followers import followers_of
from baseload.verify.headers import read_headers
from baseload.verify.kit import Kit
from baseload.verify.notes import read_head, read_key, read_note, read_policy
from baseload.verify.ots import read_ots
from baseload.verify.payouts import coinbase_outputs
from baseload.verify.shapes import check_event
from baseload.verify.tilefiles import split_bundle

OWN = (RecordError, Refused, InspectError)


@dataclass(frozen=True)
class Target:
    """A parser to fuzz.

    Parameters
    ----------
    parse : is given bytes.
    samples : valid input.
    slow : whether a run costs milliseconds.
    """

    parse: Callable[[bytes], object]
    samples: Callable[[], list[bytes]]
    slow: bool = False


def _text(parse: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: parse(data.decode("utf-8", "replace"))


def _file(parse: Callable[[Path], object], name: str = "file") -> Callable[[bytes], object]:
    def run(data: bytes) -> object:
        path = _place() / name
        path.write_bytes(data)
        return parse(path)

    return run


_PLACES: list[Path] = []


def _place() -> Path:
    if not _PLACES:
        _PLACES.append(Path(tempfile.mkdtemp(prefix="fuzz-")))
    return _PLACES[0]


def clean() -> None:
    """Remove what targets wrote."""
    while _PLACES:
        shutil.rmtree(_PLACES.pop(), ignore_errors=True)


def _event(data: bytes) -> object:
    return check_event(read_canonical(data))


def _csv(data: bytes) -> object:
    place = _place()
    (place / "map.toml").write_text(MAP, encoding="utf-8")
    (place / "meter.csv").write_bytes(data)
    return readings([place / "meter.csv"], read_map(place / "map.toml"))


def _witness(data: bytes) -> object:
    place = _place() / "witness"
    shutil.rmtree(place, ignore_errors=True)
    state = WitnessState(place, "w", corpus.key("w"), [corpus.log_key()], clock=lambda: 1_700)
    try:
        answer = state.add(data)
        assert answer.status in (200, 400, 403, 404, 409, 422)
        return answer
    finally:
        state.close()


def _whole_log(name: str) -> Callable[[bytes], object]:
    """Put bytes in the place of a file of a log, and read all of it with the writer's code."""

    def run(data: bytes) -> object:
        log = _kit()
        old = (log / name).read_bytes()
        (log / name).write_bytes(data)
        try:
            reader = Reader(log)
            return list(reader.entries()), reader.root(), reader.journal()
        finally:
            (log / name).write_bytes(old)

    return run


def _state(data: bytes) -> object:
    from baseload.record.disk import REAL

    log = _kit().parent / "log"
    old = (log / "state").read_bytes()
    (log / "state").write_bytes(data)
    try:
        return recover(log, REAL)
    finally:
        (log / "state").write_bytes(old)


def _kit() -> Path:
    place = _place() / "made"
    if not place.exists():
        place.mkdir()
        kit_of(place / "log", place / "kit")
    return place / "kit"


def _inspected(name: str) -> Callable[[bytes], object]:
    """Put bytes in the place of a file of a kit, and inspect it."""

    def run(data: bytes) -> object:
        kit = _kit()
        old = (kit / name).read_bytes()
        (kit / name).write_bytes(data)
        try:
            audit = Audit(Kit(str(kit)))
            audit.followers = followers_of(audit)
            audit.run()
            return verdict_of(audit, 0.0)
        finally:
            (kit / name).write_bytes(old)

    return run


def _sample_of(name: str) -> Callable[[], list[bytes]]:
    return lambda: [(_kit() / name).read_bytes()]


def _zipped(data: bytes) -> object:
    path = _place() / "kit.zip"
    path.write_bytes(data)
    audit = Audit(Kit(str(path)))
    audit.run()
    return verdict_of(audit, 0.0)


def _zip_sample() -> list[bytes]:
    from baseload.record import kit as kits

    path = _place() / "sample.zip"
    if not path.exists():
        kits.write(_kit(), path, "", corpus.known_policy())
    return [path.read_bytes()]


def _encoded(*texts: str) -> list[bytes]:
    return [text.encode() for text in texts]


_NOTE = lambda: [corpus.checkpoint().encode()]  # noqa: E731
_KEYS = lambda: _encoded(vkey("log", "a.example.org"), vkey("w", "w", True))  # noqa: E731
_POLICY = lambda: _encoded(corpus.known_policy())  # noqa: E731
_BUNDLE = lambda: [corpus.bundle()]  # noqa: E731

TARGETS = {
    "record.note": Target(note.parse_note, _NOTE),
    "record.key": Target(_text(note.parse_key), _KEYS),
    "record.checkpoint": Target(checkpoint.parse, _NOTE),
    "record.policy": Target(_text(policy.parse), _POLICY),
    "record.proof": Target(parse_proof, lambda: [corpus.proof()]),
    "record.fork": Target(parse_fork, corpus.forks),
    "record.tile": Target(lambda data: tiles.decode_tile(data, 9, "x"), lambda: [bytes(288)]),
    "record.bundle": Target(lambda data: tiles.decode_bundle(data, 3, "x"), _BUNDLE),
    "record.path": Target(
        _text(tiles.parse_path), lambda: _encoded("tile/1/x001/x234/067.p/17", "tile/entries/000")
    ),
    "record.canonical": Target(canonical.decode, corpus.events),
    "record.event": Target(parse, corpus.events),
    "record.ots": Target(ots.decode_file, corpus.stamps),
    "record.witness": Target(_witness, lambda: [corpus.request()], slow=True),
    "record.state": Target(
        _state, lambda: [(_kit().parent / "log" / "state").read_bytes()], slow=True
    ),
    "record.log": Target(_whole_log("tile/entries/000.p/21"), _sample_of("tile/entries/000.p/21")),
    "record.map": Target(_file(read_map), lambda: _encoded(MAP)),
    "record.csv": Target(
        _csv, lambda: _encoded(HEAD + hours("01.02.2026", ["1", "2,5", "3"])), slow=True
    ),
    "record.charter": Target(_file(read_charter), lambda: _encoded(corpus.charter_file())),
    "record.draft": Target(_file(read_draft), lambda: _encoded(corpus.draft())),
    "record.table": Target(_file(read_table), lambda: _encoded("a = 5\nb = ['x', {c = 7}]\n")),
    "record.line": Target(_text(lambda text: _read_line(text, 1)), lambda: _encoded(corpus.line())),
    "record.rules": Target(
        _file(read_settings), lambda: _encoded("spike = 2\nstuck = 9\n[ratings]\na = 5\n")
    ),
    "verify.note": Target(read_note, _NOTE),
    "verify.head": Target(_text(read_head), lambda: _encoded(corpus.checkpoint().text)),
    "verify.key": Target(_text(read_key), _KEYS),
    "verify.policy": Target(_text(read_policy), _POLICY),
    "verify.canonical": Target(read_canonical, corpus.events),
    "verify.event": Target(_event, corpus.events),
    "verify.ots": Target(read_ots, corpus.stamps),
    "verify.headers": Target(lambda data: read_headers(data, 0), lambda: [corpus.headers()]),
    "verify.coinbase": Target(coinbase_outputs, lambda: [corpus.coinbase()]),
    "verify.bundle": Target(lambda data: split_bundle(data, 3), _BUNDLE),
    "verify.entries": Target(
        _inspected("tile/entries/000.p/21"), _sample_of("tile/entries/000.p/21"), slow=True
    ),
    "verify.checkpoint": Target(_inspected("checkpoint"), _sample_of("checkpoint"), slow=True),
    "verify.journal": Target(_inspected("checkpoints/14"), _sample_of("checkpoints/14"), slow=True),
    "verify.kit": Target(_zipped, _zip_sample, slow=True),
}
