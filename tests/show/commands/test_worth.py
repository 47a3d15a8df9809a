import json

import pytest
from tests.show.sample import write_case
from tests.show.sample_ensemble import sample_worth
from typer.testing import CliRunner

from baseload.plan.worth import study
from baseload.show.cli import app


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command on the sample case, with a worth made by hand."""
    asked = {}

    def worth_of(case, alternatives, *, progress, **options):
        asked.update(names=alternatives, **options)
        return sample_worth(case)

    monkeypatch.setattr(study, "worth_of", worth_of)
    folder = write_case(tmp_path / "case")

    def run(*options):
        done = CliRunner().invoke(app, ["worth", str(folder), *options])
        return done, asked

    return run


def test_the_command_prints_what_is_worth_knowing(run):
    done, asked = run("--scenarios", "60", "--seed", "5", "--workers", "1")
    assert done.exit_code == 0
    assert "60 futures · seed 5" in done.stdout
    assert "Most worth waiting for" in done.stdout
    assert asked == {"names": None, "scenarios": 60, "seed": 5, "workers": 1, "indices": 0}


def test_the_json_is_one_document_with_every_signal(run):
    done, asked = run(
        "--scenarios", "60", "--alternative", "pilot", "--indices", "8", "--json", "--workers", "2"
    )
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert (asked["names"], asked["indices"]) == (("pilot",), 8)
    assert (found["scenarios"], found["seed"]) == (60, 0)
    assert {signal["name"] for signal in found["signals"]} >= {"agreement", "bitcoin.price"}
    assert "bitcoin.price" in found["indices"]


def test_too_few_futures_are_refused(run):
    done, asked = run("--scenarios", "3")
    assert done.exit_code == 2
    assert asked == {}
