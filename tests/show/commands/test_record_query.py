import csv
import io
import json

import pytest
from tests.record.sample import entries, write
from typer.testing import CliRunner

from baseload.show.cli import app


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return str(write(tmp_path_factory.mktemp("asked") / "log", entries(60)))


def run(*arguments):
    found = CliRunner().invoke(app, ["record", "query", *arguments])
    return found.exit_code, found.output


def test_without_a_question_it_tells_what_there_is(log):
    code, out = run(log)
    assert code == 0
    row = next(line for line in out.split("\n") if line.startswith("meter.reading/1"))
    assert ("60" in row, "2026-01-01" in row, "█" in row) == (True, True, True)


def test_a_picture_comes_before_the_table(log):
    sql = "SELECT idx, t1, idx * idx AS square FROM meter_reading"
    code, out = run(log, sql, "--limit", "3")
    lines = out.strip().split("\n")
    assert (code, lines[0].startswith("square  ▁"), "3,600" in lines[0]) == (0, True, True)
    assert "2026-01-01 00:15:00" in out
    assert "3 of 60 rows" in lines[-1]


def test_csv_and_json_lines_are_for_machines(log):
    code, out = run(log, "--schema", "meter.reading", "--format", "csv")
    found = list(csv.DictReader(io.StringIO(out)))
    assert (code, len(found), found[3]["energy"]) == (0, 60, "25000000")
    code, out = run(log, "--schema", "meter.reading", "--last", "2", "--format", "jsonl")
    assert [json.loads(line)["idx"] for line in out.strip().split("\n")] == [59, 60]


def test_nothing_found_is_said(log):
    assert run(log, "--period", "1999") == (0, "no such entry\n")


def test_tables_are_listed(log):
    code, out = run(log, "--tables")
    assert (code, "meter_reading  idx, source, t0, t1" in out) == (0, True)


def test_wrong_questions_leave_with_2(log):
    from baseload.record.errors import RecordError

    found = CliRunner().invoke(app, ["record", "query", log, "DROP TABLE entry"])
    assert isinstance(found.exception, RecordError) or found.exit_code == 2


def test_a_question_without_an_end_ends(log):
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c"
    code, out = run(log, endless, "--limit", "2")
    assert (code, "2 of 200,000 and more rows" in out) == (0, True)
