"""From doubted readings to estimates that the inspector takes for what they are."""

import json

import pytest
from tests.record.sample import START, STEP, approved, key, kit_of, policy, sources, write
from tests.record.sample import charter as first_entry
from typer.testing import CliRunner

from baseload.record import kit as kits
from baseload.record.reader import Reader
from baseload.record.store import Log
from baseload.show.cli import app
from baseload.verify.audit import Audit, verdict_of
from baseload.verify.kit import Kit

ENV = {"BASELOAD_PASSPHRASE": "secret"}


def entries():
    """A charter, a site, and readings of a day of which two are not there."""
    of = sources()
    meters = [{"id": "main", "place": "main", "random_ppm": "500", "systematic_ppm": "1000"}]
    site = {
        "interval_ms": str(STEP), "meters": meters, "pools": [], "false_alarm_ppm": "50000",
        "loss": {"constant": "0", "per_terawatt": "0", "sigma_ppm": "0"},
        "machines": {"millijoule_per_terahash": "17500", "sigma_ppm": "5000"},
    }  # fmt: skip
    body = approved({"kind": "site", "site": site})
    found = [first_entry(of["desk"]), of["desk"].event("rule.change/1", START, START, body)]
    counter = 10**9
    for number in range(96):
        energy = 25_000_000 + number * 1000
        counter += energy
        t0 = START + number * STEP
        told = {"meter": "main", "register": "import", "energy": str(energy),
                "quality": "measured", "counter": str(counter)}  # fmt: skip
        if number not in (40, 41):
            found.append(of["meter"].event("meter.reading/1", t0, t0 + STEP, told, sign=True))
    return found


@pytest.fixture
def log(tmp_path):
    write(tmp_path / "log", entries(), every=20)
    (tmp_path / "keys").mkdir()
    for name in ("log", "source-meter"):
        key(name.removeprefix("source-")).write(tmp_path / "keys" / name, b"secret")
    return tmp_path / "log"


def run(*arguments):
    found = CliRunner().invoke(app, ["record", "validate", *map(str, arguments)], env=ENV)
    return found.exit_code, found.stdout


def codes(log):
    out = log.parent / f"kit{Reader(log).size}"
    audit = Audit(Kit(str(kits.write(log, out, "", policy()))))
    audit.run()
    return set(verdict_of(audit, 0.0)["counts"])


def test_a_picture_then_what_is_doubted_and_what_would_fill_it(log):
    code, out = run(log)
    lines = out.split("\n")
    assert code == 3
    assert lines[0].startswith("main  █")
    assert "missing" in out
    assert "0.5 hours without" in out
    assert "register" in out
    assert Reader(log).size == 96


def test_estimates_fill_the_hole_for_the_inspector_too(log):
    assert codes(log) == {"reading.hole"}
    code, out = run(log, "--write", "--key", log.parent / "keys/log", "--json")
    told = json.loads(out)
    assert (code, len(told["estimates"])) == (3, 2)
    assert sum(int(one["energy"]) for one in told["estimates"]) == 2 * 25_000_000 + 81_000
    with Log.open(log, key("log")) as opened:
        assert opened.size == 99  # two estimates, and the signature that vouches for them
        opened.publish()
    # T1 to T3 cannot be tested with one meter; nothing of the record itself is wrong.
    assert {one for one in codes(log) if not one.startswith("reconciliation")} == {"witness.quorum"}
    bodies = [json.loads(data)["body"] for data in list(Reader(log).entries())[-3:-1]]
    assert {one["method"] for one in bodies} == {"register"}
    assert {one["quality"] for one in bodies} == {"estimated"}
    assert run(log)[0] == 0


def test_only_a_meter_or_a_period_is_told(log):
    assert run(log, "--period", "2025")[0] == 0
    assert run(log, "--meter", "main", "--period", "2026-01-01")[0] == 3


@pytest.mark.parametrize(
    "arguments",
    [["--meter", "none"], ["--write"], ["--rules", "nothing"], ["--period", "soon"]],
)
def test_what_cannot_be_done_is_one_error(log, arguments):
    from baseload.record.errors import RecordError

    found = CliRunner().invoke(app, ["record", "validate", str(log), *arguments], env=ENV)
    assert isinstance(found.exception, RecordError)
    assert Reader(log).size == 96


def test_a_log_without_readings_is_told(tmp_path):
    from baseload.record.errors import RecordError

    kit_of(tmp_path / "log", tmp_path / "kit", [first_entry(sources()["desk"])])
    found = CliRunner().invoke(app, ["record", "validate", str(tmp_path / "log")], env=ENV)
    assert isinstance(found.exception, RecordError)
