import dataclasses
import json

import pytest
from tests.show.sample import sample_study
from typer.testing import CliRunner

from baseload.plan import study as planning
from baseload.plan.cash.ledger import ReconciliationError
from baseload.show.cli import app


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command on the sample case, with a study whose pilot is changed as given."""
    made = sample_study(tmp_path / "case")

    def run(*options: str, error: Exception | None = None, **changes: object):
        opened = dataclasses.replace(made.outcomes["pilot"]["opened"], **changes)
        pilot = {**made.outcomes["pilot"], "opened": opened}
        found = dataclasses.replace(made, outcomes={**made.outcomes, "pilot": pilot})

        def study(case, names, **_):
            if error is not None:
                raise error
            return dataclasses.replace(found, case=case)

        monkeypatch.setattr(planning, "study", study)
        arguments = ["study", str(tmp_path / "case"), "--out", str(tmp_path / "out"), *options]
        return CliRunner().invoke(app, arguments)

    return run


def test_a_study_without_violated_checks_leaves_with_0(run, tmp_path):
    done = run()
    assert done.exit_code == 0
    assert (tmp_path / "out" / "report.html").is_file()


def test_load_that_must_be_served_and_is_not_leaves_with_1(run, tmp_path):
    done = run(house_unserved=12.0)
    assert done.exit_code == 1
    assert "violated: pilot, gates open: 12 MWh of house load not served" in done.stderr
    # The result is written all the same: it is what there is to look into.
    assert (tmp_path / "out" / "manifest.json").is_file()


def test_energy_that_does_not_add_up_leaves_with_1(run):
    assert run(balance_open=0.01).exit_code == 1


def test_money_that_does_not_reconcile_leaves_with_1_and_writes_nothing(run, tmp_path):
    done = run(error=ReconciliationError("off by 3 USD"))
    assert done.exit_code == 1
    assert "money does not reconcile: off by 3 USD" in done.stderr
    assert not (tmp_path / "out").exists()


def test_violations_do_not_disturb_the_json(run):
    done = run("--json", house_unserved=12.0)
    assert done.exit_code == 1
    assert json.loads(done.stdout)["alternatives"]["pilot"]["built"] is False
