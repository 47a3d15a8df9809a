import json

import pytest
from typer.testing import CliRunner

from baseload.record.errors import RecordError
from baseload.record.example import make
from baseload.record.example.making import PASSPHRASE
from baseload.record.reader import Reader
from baseload.show.cli import app
from baseload.show.commands.reconcile import span
from baseload.verify.audit import Audit, verdict_of
from baseload.verify.followers import followers_of
from baseload.verify.kit import Kit

DAY = 86_400_000


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    return make(tmp_path_factory.mktemp("example") / "a", 3, 1)


def run(*arguments, code=0):
    environment = {"BASELOAD_PASSPHRASE": PASSPHRASE.decode()}
    answer = CliRunner().invoke(app, [str(a) for a in arguments], env=environment)
    assert answer.exit_code == code, answer.output
    return answer.stdout


def test_periods_are_years_months_and_days():
    assert span("1970") == (0, 365 * DAY)
    assert span("1971-02") == (396 * DAY, 424 * DAY)
    assert span("1970-12") == (334 * DAY, 365 * DAY)
    assert span("1970-12-31") == (364 * DAY, 365 * DAY)
    for other in ("", "1970-13", "1970-01-32", "today", "1970/01"):
        with pytest.raises(RecordError, match="a year, a month or a day"):
            span(other)


def test_each_test_is_told_with_what_it_would_have_seen(example):
    told = run("reconcile", example.log, "--period", "2025-06")
    rows = [line for line in told.splitlines() if "would have" in line]
    assert len(rows) >= 12
    assert all(line.startswith("✓") for line in rows if "T7" not in line)
    assert "p 0." in told
    assert json.loads(run("reconcile", example.log, "--json"))[0]["test"] == "T1"


def test_what_is_stated_is_computed_again_by_the_inspector(example):
    keys = example.keys
    run("reconcile", example.log, "--key", keys / "log", "--source", "plant.desk")
    run("record", "publish", example.log, "--key", keys / "log")
    size = Reader(example.log).size
    assert b'"kind":"reconciliation"' in Reader(example.log).entry(size - 1)
    audit = Audit(Kit(str(example.kit)))
    audit.kit = Kit(str(example.log))
    again = Audit(audit.kit, audit.trust.__class__(audit.policy.logs[0], audit.policy))
    again.followers = followers_of(again)
    again.run()
    found = {one["code"] for one in verdict_of(again, 0.0)["findings"]}
    assert found <= {"witness.quorum"}
