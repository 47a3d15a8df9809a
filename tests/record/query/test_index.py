"""The index against the log that it was made from, read by hand."""

import json
import sqlite3
from contextlib import closing

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.record.sample import START, STEP, charter, entries, key, reading, sources, write

from baseload.record.errors import StoreError
from baseload.record.query.asking import Index, QueryError, Question, tables, time_columns
from baseload.record.query.index import NAME, indexed
from baseload.record.query.tables import Column, columns, table_name, whole
from baseload.record.reader import Reader
from baseload.record.store import Log


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return write(tmp_path_factory.mktemp("query") / "log", entries(300), every=100)


def by_hand(log):
    return [json.loads(data) for data in Reader(log).entries()]


def rows(path, sql, values=()):
    with Index(path) as index:
        answer = index.ask(sql, values)
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def dump(path):
    with sqlite3.connect(path) as database:
        return sorted(database.iterdump())


def test_every_entry_is_in_it_as_it_was_written(log):
    path = indexed(log)
    assert path == log / NAME
    found = rows(path, "SELECT * FROM entry ORDER BY idx")
    for index, (row, told) in enumerate(zip(found, by_hand(log), strict=True)):
        assert row["idx"] == index
        assert [row[key] for key in ("schema", "source", "clock")] == [
            told[key] for key in ("schema", "source", "clock")
        ]
        assert [str(row[key]) for key in ("seq", "t0", "t1")] == [
            told[key] for key in ("seq", "t0", "t1")
        ]
        assert json.loads(row["body"]) == told["body"]
        assert bytes.fromhex(row["leaf"]) == Reader(log).node(0, index)


def test_sums_are_those_of_the_log(log):
    told = [one for one in by_hand(log) if one["schema"] == "meter.reading/1"]
    (row,) = rows(indexed(log), "SELECT COUNT(*) AS n, SUM(energy) AS wh FROM meter_reading")
    assert row == {"n": 300, "wh": sum(int(one["body"]["energy"]) for one in told)}


@pytest.mark.parametrize(
    ("question", "count"),
    [
        (Question("meter.reading"), 300),
        (Question("meter.reading/1", last=7), 7),
        (Question(source="desk"), 1),
        (Question(source="nobody"), 0),
        (Question("meter.reading", t0=START + 10 * STEP, t1=START + 20 * STEP), 10),
        (Question("meter.reading", where="energy > 1 OR 0"), 300),
        (Question("meter.reading", source="desk", where="1 OR 1"), 0),
        (Question(), 301),
    ],
)
def test_entries_are_found_by_type_source_and_time(log, question, count):
    found = rows(indexed(log), *question.sql())
    assert len(found) == count
    assert [row["idx"] for row in found] == sorted(row["idx"] for row in found)
    if question.last:
        assert found[-1]["idx"] == 300


@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(1, 150), min_size=1, max_size=3))
@example(cuts=[107, 150])
def test_an_index_that_was_added_to_is_one_that_was_made_at_once(tmp_path_factory, cuts):
    place = tmp_path_factory.mktemp("grown")
    data = entries(sum(cuts))
    with Log.create(place / "log", "log.example.org/mine", key("log")) as log:
        first = 0
        for cut in cuts:
            log.append(data[first : first + cut])
            log.publish()
            first += cut
            indexed(place / "log", place / "grown")
    indexed(place / "log", place / "whole")
    assert dump(place / "grown") == dump(place / "whole")
    assert rows(place / "grown", "SELECT COUNT(*) AS n FROM entry") == [{"n": sum(cuts)}]


def test_an_index_of_another_log_is_made_anew(log, tmp_path):
    path = tmp_path / "index"
    of = sources()
    other = [charter(of["desk"]), *(reading(of["meter"], n, 7) for n in range(40))]
    indexed(write(tmp_path / "other", other), path)
    indexed(log, path)
    assert rows(path, "SELECT COUNT(*) AS n FROM entry") == [{"n": 301}]
    assert dump(path) == dump(indexed(log))


@pytest.mark.parametrize("harm", [b"", b"no database", bytes(5000)])
def test_a_damaged_index_is_made_anew(log, harm):
    (log / NAME).write_bytes(harm)
    made = dump(indexed(log))
    (log / NAME).unlink()
    assert made == dump(indexed(log))


def test_nothing_but_an_index_is_written_over(log, tmp_path):
    """Whoever names the wrong file loses neither a key nor a table of his own."""
    own, other = tmp_path / "own.sqlite", tmp_path / "key"
    with closing(sqlite3.connect(own)) as database:
        database.execute("CREATE TABLE mine (value TEXT)")
        database.commit()
    other.write_bytes(b"a key")
    for path in (own, other, tmp_path):
        before = path.read_bytes() if path.is_file() else None
        with pytest.raises(StoreError, match="a free name"):
            indexed(log, path)
        assert before == (path.read_bytes() if path.is_file() else None)
    assert dump(indexed(log, tmp_path / "new")) == dump(indexed(log))
    assert dump(indexed(log, tmp_path / "new", anew=True)) == dump(indexed(log))


def test_an_entry_that_is_not_in_the_tree_is_not_told(tmp_path):
    log = write(tmp_path / "log", entries(20))
    name = log / "tile/entries/000.p/21"
    name.write_bytes(name.read_bytes().replace(b"25000000", b"15000000", 1))
    with pytest.raises(StoreError, match="another"):
        indexed(log)
    assert not (log / NAME).exists()


def test_a_place_that_cannot_be_written_to_is_one_error(log, tmp_path):
    with pytest.raises(StoreError, match="--index"):
        indexed(log, tmp_path / "none" / "index")


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM entry",
        "UPDATE entry SET body = ''",
        "DROP TABLE entry",
        "ATTACH 'x' AS y",
        "PRAGMA query_only = OFF",
        "SELECT 1; SELECT 2",
        "SELECT nothing FROM entry",
        "SELECT load_extension('x')",
        "nonsense",
        "",
    ],
)
def test_a_question_can_read_and_nothing_else(log, sql):
    before = dump(indexed(log))
    with pytest.raises(QueryError):
        rows(indexed(log), sql)
    assert dump(log / NAME) == before


def test_a_type_that_there_is_not_is_told():
    with pytest.raises(QueryError, match=r"meter\.reading/1"):
        Question("meter").sql()


def test_integers_longer_than_sqlite_holds_are_exact_in_the_body(tmp_path):
    """Hashes of a quarter of an hour at 5.7 EH/s are 5.1e21, more than 2^63."""
    of, hashes = sources(), 5_142_857_142_857_142_857_143
    body = {"fleet": "hall", "energy": "1", "hashes": str(hashes), "machines": "9"}
    data = [charter(of["desk"])]
    data += [of["meter"].event("fleet.telemetry/1", START, START + 1, body) for _ in range(3)]
    path = indexed(write(tmp_path / "log", data))
    assert rows(path, "SELECT hashes FROM fleet_telemetry")[0]["hashes"] == float(hashes)
    sql = "SELECT exact_sum(field(body, 'hashes')) AS h FROM entry WHERE schema LIKE 'fleet%'"
    assert rows(path, sql) == [{"h": str(3 * hashes)}]
    with pytest.raises(QueryError):
        rows(path, "SELECT exact_sum(hashes) FROM fleet_telemetry")


def test_columns_follow_the_models():
    kinds = {one.key: one.kind for one in columns("meter.reading/1")}
    assert kinds["energy"] == kinds["counter"] == "integer"
    assert (kinds["meter"], kinds["late"], kinds["of"]) == ("text", "truth", "text")
    assert {one.key: one.kind for one in columns("plan.committed/1")}["power"] == "json"
    assert Column("of", "text").name == "of_"
    assert table_name("meter.reading/2") == "meter_reading_2"
    assert {"kind", "results", "text_"} <= set(tables()["statement"])
    assert {"t0", "asked", "start", "end_"} <= time_columns()
    assert (whole(2**63 - 1), whole(2**63)) == (2**63 - 1, float(2**63))
