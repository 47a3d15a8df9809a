"""``baseload record example``: what it makes, what it lists and what it refuses."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from baseload.record.errors import RecordError
from baseload.show.commands.record import app


def run(*arguments: str):
    return CliRunner().invoke(app, ["example", *arguments])


def test_it_makes_a_record_and_its_kit_with_the_inspector(tmp_path):
    out = tmp_path / "example"
    result = run("--days", "2", "--out", str(out))
    assert result.exit_code == 0
    assert {path.name for path in out.iterdir()} >= {"log", "keys", "kit", "policy", "log.vkey"}
    assert b"import" in (out / "kit" / "inspect.py").read_bytes()
    assert str(out / "policy") in result.stdout


def test_it_lists_the_ways_to_cheat_with_their_sizes(tmp_path):
    result = run("--list", "--out", str(tmp_path / "none"))
    assert "constant-skim (4e+06 W)" in result.stdout
    assert not (tmp_path / "none").exists()


def test_an_unknown_way_is_refused(tmp_path):
    result = run("--tamper", "constant-scim", "--out", str(tmp_path / "none"))
    assert isinstance(result.exception, RecordError)
    assert "did you mean 'constant-skim'?" in str(result.exception)


@pytest.mark.parametrize("days", ["0", "1", "366"])
def test_days_out_of_range_are_refused(days, tmp_path):
    result = run("--days", days, "--out", str(tmp_path / "none"))
    assert isinstance(result.exception, RecordError)
