"""SQL of the page's user: in a process that is ended, confined, and in words when it is refused."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import QueryError
from gphoton_db.serve.server import Server
from gphoton_db.serve.statements import Statements
from tests.archives import SessionArchive
from tests.gphoton_db.serve.conftest import Client


@pytest.fixture(scope="module")
def impatient(two_bands: SessionArchive) -> Iterator[Statements]:
    """Statements that may take a second."""
    statements = Statements(str(two_bands.archive_path), 1.0, 100)
    yield statements
    statements.close()


def test_rows_are_those_of_the_archive(client: Client, served: Archive) -> None:
    sql = "SELECT eclipse, band, exposure, n_photons FROM legs ORDER BY band DESC"
    answer = client.sql(sql).json()
    assert answer["rows"] == [list(row.values()) for row in served.query(sql).rows()]
    names = [column["name"] for column in answer["columns"]]
    assert names == ["eclipse", "band", "exposure", "n_photons"]
    assert answer["columns"][2]["type"] == "double"
    assert answer["columns"][2]["comment"].startswith("[s]")
    assert not answer["truncated"]


def test_more_rows_than_are_shown_are_said(client: Client) -> None:
    answer = client.sql("FROM range(101)").json()
    assert (len(answer["rows"]), answer["truncated"]) == (100, True)
    whole = client.sql("FROM range(100)").json()
    assert (len(whole["rows"]), whole["truncated"]) == (100, False)


def test_what_json_has_not_is_text_or_null(client: Client) -> None:
    sql = "SELECT 'nan'::DOUBLE, 'infinity'::DATE, 1e400::DOUBLE, '\\xAA'::BLOB, 2::HUGEINT"
    assert client.sql(sql).json()["rows"] == [[None, "infinity", None, "aa", 2]]


def test_whole_numbers_are_exact(client: Client) -> None:
    sql = (
        "SELECT sum(range) AS few, 2::HUGEINT ** 100 > 0, 9007199254740993 AS many, "
        "[9007199254740993, 1], -170141183460469231731687303715884105727::HUGEINT FROM range(10)"
    )
    (row,) = client.sql(sql).json()["rows"]
    beyond = "-170141183460469231731687303715884105727"
    assert row == [45, True, "9007199254740993", ["9007199254740993", 1], beyond]
    assert isinstance(row[0], int)
    assert isinstance(row[1], bool)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP VIEW photons",
        "COPY (SELECT 1) TO 'x.csv'",
        "ATTACH 'x.duckdb'",
        "INSTALL httpfs",
        "SET memory_limit = '100GB'",
        "SELECT 1; SELECT 2",
        "CREATE TABLE t AS SELECT 1",
        "EXPLAIN ANALYZE DROP VIEW photons",
        "CALL enable_logging()",
        "no sql at all",
        "",
        "x" * 20_001,
    ],
)
def test_all_but_reading_is_refused(client: Client, statement: str) -> None:
    reply = client.sql(statement)
    assert reply.status == 400
    assert reply.error


@pytest.mark.parametrize(
    "statement",
    [
        "FROM read_csv('/etc/passwd')",
        "FROM read_text('/etc/passwd')",
        "FROM glob('/*')",
        "FROM '/etc/passwd'",
        "FROM read_parquet('http://127.0.0.1:1/x.parquet')",
        "FROM read_blob('/proc/self/environ')",
    ],
)
def test_no_file_outside_of_the_archive_is_seen(client: Client, statement: str) -> None:
    reply = client.sql(statement)
    assert reply.status == 400
    assert "root:" not in reply.error


@pytest.mark.parametrize(
    "bomb",
    [
        "SELECT sum(a.range * b.range) FROM range(10000000) AS a, range(10000000) AS b",
        "SELECT repeat('x', 2000000000)",
        pytest.param(
            "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT max(n) "
            "FROM t",
            marks=pytest.mark.deep,
        ),
        "SELECT * FROM range(1000000000) ORDER BY hash(range)",
    ],
)
def test_bombs_are_put_out(impatient: Statements, bomb: str) -> None:
    with pytest.raises(QueryError, match=r"longer than 1 s, and was stopped|[Mm]emory|space"):
        impatient.run(bomb, "now")
    assert len(impatient._idle) <= 1  # what was stopped has ended


def test_a_row_of_megabytes_is_left_out(client: Client) -> None:
    answer = client.sql("SELECT repeat('x', 20000000) AS x").json()
    assert (answer["rows"], answer["truncated"]) == ([], True)


def test_nothing_is_written(client: Client, served: Archive, server: Server) -> None:
    files = sorted(served.paths.root.rglob("*"))
    client.sql("SELECT * FROM range(30000000) ORDER BY hash(range) LIMIT 3")
    assert sorted(served.paths.root.rglob("*")) == files
    assert [path for path in server.served.statements.folder.rglob("*") if path.is_file()] == []


def test_processes_end_with_the_server(client: Client, server: Server) -> None:
    client.sql("SELECT 1")
    (idle,) = server.served.statements._idle
    pid = idle._process.pid
    assert Path(f"/proc/{pid}").exists()
    idle._lines.close()  # as it is closed when the server has died
    idle._process.wait(20)
    assert client.sql("SELECT 2").json()["rows"] == [[2]]
    assert os.getpid() != pid


def test_relations_are_described(client: Client) -> None:
    found = {each["name"]: each for each in client.get("/api/describe").json()["relations"]}
    assert found["photons"]["kind"] == "view"
    assert {"name", "unit", "comment"} == set(found["photons"]["columns"][0])
    assert found["lightcurve"]["signature"].startswith("lightcurve(")
