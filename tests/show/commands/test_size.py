import json

import pytest
from tests.show.test_size_text import sizing
from typer.testing import CliRunner

from baseload.case.errors import InputError
from baseload.show.cli import app


@pytest.fixture
def asked(monkeypatch):
    """What the command asks of the sizing, which answers with round figures."""
    seen = {}

    def stand_in(case, alternative, **options):
        seen.update(options, alternative=alternative)
        return sizing()

    monkeypatch.setattr("baseload.plan.sizing.size.size", stand_in)
    monkeypatch.setattr("baseload.case.load.load", lambda folder: folder)
    return seen


def test_options_reach_the_sizing_and_json_is_all_that_is_printed(asked, tmp_path):
    picture = tmp_path / "curve.svg"
    answer = CliRunner().invoke(
        app,
        ["size", "case", "--alternative", "large", "--scenarios", "7", "--seed", "3", "--workers",
         "2", "--risk", "cvar:0.1:0.5", "--gap", "2%", "--opened", "--json", "--out", str(picture)],
    )  # fmt: skip
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["size_mw"]["on site"] == 100.0
    assert (asked["scenarios"], asked["seed"], asked["workers"]) == (7, 3, 2)
    assert (str(asked["risk"]), asked["gap"]) == ("cvar:0.1:0.5", 0.02)
    assert asked["opened"] is True
    assert picture.read_text(encoding="utf-8").startswith("<svg")


def test_the_table_is_printed_without_json(asked):
    answer = CliRunner().invoke(app, ["size", "case", "--alternative", "large", "--scenarios", "2"])
    assert "Limits that bind" in answer.stdout


@pytest.mark.parametrize("name", ["curve.png", "missing/curve.svg"])
def test_a_picture_that_cannot_be_written_is_refused_before_the_work(asked, tmp_path, name):
    options = ["--scenarios", "2", "--out", str(tmp_path / name)]
    answer = CliRunner().invoke(app, ["size", "case", "--alternative", "large", *options])
    assert isinstance(answer.exception, InputError) or answer.exit_code == 2
    assert asked == {}
