"""Statements that plainly read, which nobody needs to look at more closely."""

from collections.abc import Iterator

import duckdb
import pytest

from gphoton_db.query.refusals import REFUSED_FUNCTIONS, REFUSED_STATEMENTS, plainly_reads

PLAIN = [
    "SELECT 1",
    " select 1 ;",
    "FROM range(3)",
    "VALUES (1)",
    "TABLE legs",
    "WITH x AS (SELECT 1 AS a) FROM x",
    "SELECT ';' AS semicolon",
    "SELECT $ra + $dec",
    "-- explain: a named query explains itself,\n-- and query() stands there\nSELECT 1",
    "\r\n-- pivot\r\n  -- checkpoint\r\nSELECT 1 -- and so on",
]
"""SELECT in one of DuckDB's forms; the comment in front does not count."""

CLOSER = [
    "",
    " ; ",
    "-- nothing",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE legs",
    "-- all\nSELECT 1;\nDELETE FROM legs",
    "SELECT (",
    "SELEKT 1",
    "EXPLAIN SELECT 1",
    "explain analyze DELETE FROM legs",
    "PIVOT legs ON band USING sum(leg)",
    "FROM (Pivot legs ON band IN ('NUV') USING sum(leg))",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM \"query\"('SELECT 1')",
    "SELECT 1 -- then query() more",
    "SELECT 'checkpoint'",
    "SELECT 1 AS explained",
    "/* query */ SELECT 1",
]
"""What is refused, what DuckDB does not understand, and what only looks like either."""

STATEMENTS = {
    "INSERT": "INSERT INTO legs VALUES (1)",
    "UPDATE": "UPDATE legs SET leg = 1",
    "DELETE": "DELETE FROM legs",
    "COPY": "COPY legs TO 'legs.csv'",
    "EXPORT": "EXPORT DATABASE 'folder'",
    "IMPORT": "IMPORT DATABASE 'folder'",
    "CREATE": "CREATE TABLE mine AS SELECT 1",
    "DROP": "DROP TABLE legs",
    "ALTER": "ALTER TABLE legs ADD COLUMN more INTEGER",
    "ATTACH": "ATTACH 'other.duckdb'",
    "DETACH": "DETACH other",
    "SET": "SET threads = 1",
    "RESET": "RESET threads",
    "USE": "USE other",
    "INSTALL": "INSTALL httpfs",
    "LOAD": "LOAD httpfs",
    "CHECKPOINT": "CHECKPOINT",
    "PREPARE": "PREPARE mine AS SELECT 1",
    "EXECUTE": "EXECUTE mine",
    "BEGIN": "BEGIN",
    "CALL": "CALL pragma_version()",
}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        yield connection


@pytest.mark.parametrize("sql", PLAIN)
def test_a_plain_select_needs_no_closer_look(
    sql: str, connection: duckdb.DuckDBPyConnection
) -> None:
    assert plainly_reads(connection, sql)


@pytest.mark.parametrize("sql", CLOSER)
def test_what_could_be_refused_is_looked_at(
    sql: str, connection: duckdb.DuckDBPyConnection
) -> None:
    assert not plainly_reads(connection, sql)


@pytest.mark.parametrize("word", STATEMENTS)
def test_no_statement_that_does_more_than_read_is_plain(
    word: str, connection: duckdb.DuckDBPyConnection
) -> None:
    assert word in REFUSED_STATEMENTS
    assert not plainly_reads(connection, STATEMENTS[word])
    assert not plainly_reads(connection, f"-- harmless\n{STATEMENTS[word].lower()}")
    assert not plainly_reads(connection, f"SELECT 1; {STATEMENTS[word]}")


@pytest.mark.parametrize("function", REFUSED_FUNCTIONS)
def test_no_function_that_does_more_than_read_is_plain(
    function: str, connection: duckdb.DuckDBPyConnection
) -> None:
    assert not plainly_reads(connection, f"SELECT * FROM {function}('x')")
    assert not plainly_reads(connection, f'SELECT "{function.upper()}"()')


def test_nothing_is_run(connection: duckdb.DuckDBPyConnection) -> None:
    assert plainly_reads(connection, "SELECT error('this was run')")
    assert not plainly_reads(connection, "CREATE TABLE made AS SELECT 1")
    assert connection.execute("SHOW TABLES").fetchall() == []
