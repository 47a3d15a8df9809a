import dataclasses
import json

import pytest
from tests.show.sample import sample_study
from tests.show.sample_ensemble import sample_ensemble
from typer.testing import CliRunner

from baseload.case.errors import InputError
from baseload.plan import study as planning
from baseload.plan.cash.ledger import ReconciliationError
from baseload.plan.ensemble import cluster as clustering
from baseload.plan.ensemble import run as running
from baseload.plan.ensemble.chunks import ChunkFolder, Identity
from baseload.show import make as making
from baseload.show import report
from baseload.show.cli import app
from baseload.show.folder import options_of, read_manifest


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


@pytest.fixture
def simulated(monkeypatch):
    """Draw futures by hand, and keep what was asked for."""
    asked = []

    def simulate(case, names, *, scenarios, seed, folder, **means):
        asked.append({"scenarios": scenarios, "seed": seed, "folder": folder, **means})
        ChunkFolder.start(folder, Identity.of(case, [], seed))
        if means.get("progress") and seed == 99:
            raise KeyboardInterrupt
        return sample_ensemble(case, scenarios, seed)

    monkeypatch.setattr(running, "simulate", simulate)
    monkeypatch.setattr(
        making, "deepened", lambda made, ensemble, *_: dataclasses.replace(made, ensemble=ensemble)
    )
    monkeypatch.setattr(report, "render", lambda *_, **__: "<p>report</p>")
    return asked


def test_futures_are_drawn_and_the_folder_of_finished_ones_goes(run, simulated, tmp_path):
    done = run("--scenarios", "20", "--seed", "3", "--workers", "2")
    assert done.exit_code == 0, done.output
    [asked] = simulated
    assert (asked["scenarios"], asked["seed"], asked["workers"]) == (20, 3, 2)
    assert (asked["cluster"], asked["resume"]) == (None, False)
    assert asked["folder"] == tmp_path / ".out.part"
    assert {path.name for path in tmp_path.iterdir()} == {"case", "out"}
    assert options_of(read_manifest(tmp_path / "out")).scenarios == 20


def test_a_cluster_takes_the_place_of_processes(run, simulated, monkeypatch):
    asked_first = []
    monkeypatch.setattr(clustering, "check_cluster", asked_first.append)
    assert run("--scenarios", "20", "--cluster", "tcp://127.0.0.1:8786").exit_code == 0
    [asked] = simulated
    assert (asked["cluster"], asked["workers"]) == ("tcp://127.0.0.1:8786", 1)
    assert asked_first == ["tcp://127.0.0.1:8786"]


def test_finished_futures_stay_after_an_interruption(run, simulated, tmp_path):
    done = run("--scenarios", "20", "--seed", "99")
    assert done.exit_code == 130
    assert "go on with --resume" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"case", ".out.part"}


def test_nothing_is_resumed_where_nothing_was_started(run, simulated):
    done = run("--scenarios", "20", "--resume")
    assert isinstance(done.exception, InputError)
    assert done.exception.found == "none"
    assert simulated == []


BAD = {
    "negative": (("--scenarios", "-5"), "--scenarios -5"),
    "seed": (("--scenarios", "5", "--seed", "-1"), "--seed -1"),
    "resume alone": (("--resume",), "found    no --scenarios"),
    "cluster alone": (("--cluster", "tcp://h:1"), "found    no --scenarios"),
    "keep alone": (("--keep", "hourly"), "found    no --scenarios"),
    "keep": (("--scenarios", "5", "--keep", "daily"), "expected hourly"),
    "both": (("--scenarios", "5", "--cluster", "tcp://h:1", "--workers", "2"), "found    both"),
    "address": (("--scenarios", "5", "--cluster", "h:1"), "such as tcp://127.0.0.1:8786"),
    "again": (("--again", "x", "--scenarios", "5"), "which its manifest holds"),
}


@pytest.mark.parametrize("name", BAD)
def test_options_that_cannot_be_are_refused_before_the_work(run, simulated, tmp_path, name):
    options, told = BAD[name]
    done = run(*options)
    assert isinstance(done.exception, InputError)
    assert told in str(done.exception)
    assert {path.name for path in tmp_path.iterdir()} == {"case"}
