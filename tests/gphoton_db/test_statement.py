"""The door: which statements come in, and what is said of the others."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gphoton_db.archive import Archive
from gphoton_db.errors import QueryError
from gphoton_db.query.statement import LONGEST_READ, is_complete, read_statement

READING = [
    "SELECT 1",
    "SELECT 'it''s; here', \"a;b\" FROM (SELECT 1 AS \"a;b\")",
    "SELECT $$a;b$$ AS x, $tag$ ; $tag$ AS y, e'\\';' AS z",
    "/* ; */ SELECT 1 -- ; SELECT 2",
    "(SELECT 1)",
    "FROM legs",
    "FROM legs SELECT leg WHERE band = 'NUV'",
    "FROM legs LIMIT 50%",
    "TABLE legs",
    "VALUES (1, 'a'), (2, 'b')",
    "WITH x AS (SELECT 1 AS a) FROM x",
    "WITH x AS MATERIALIZED (FROM legs) SELECT count(*) FROM x",
    "WITH RECURSIVE x AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM x WHERE a < 5) FROM x",
    "SELECT leg, band FROM legs QUALIFY row_number() OVER (PARTITION BY band ORDER BY leg) = 1",
    "PIVOT legs ON band USING sum(exposure) GROUP BY leg",
    "PIVOT legs ON band IN ('NUV') USING sum(exposure)",
    "FROM (PIVOT legs ON band USING sum(exposure))",
    "/* all */ PIVOT legs ON band USING sum(exposure)",
    "WITH p AS (PIVOT legs ON band USING sum(exposure)) FROM p",
    "SELECT * FROM legs PIVOT (sum(exposure) FOR band IN ('NUV', 'FUV'))",
    "UNPIVOT legs ON ra0, dec0 INTO NAME angle VALUE degrees",
    "SELECT [x * 2 FOR x IN [1, 2, 3] IF x > 1] AS doubled",
    "SELECT list_transform([1, 2], lambda x: x + 1) AS more",
    "SELECT struct_pack(a := 1).a, {'b': 2}.b, MAP {'c': 3}['c']",
    "SELECT i FROM range(3) AS t(i)",
    "SELECT band, count(*) FROM legs GROUP BY ALL ORDER BY ALL",
    "SELECT band, count(*) FROM legs GROUP BY GROUPING SETS ((band), ())",
    "SELECT * EXCLUDE (ra0) REPLACE (dec0 + 1 AS dec0) RENAME (leg AS n) FROM legs",
    "SELECT COLUMNS('^ra') FROM legs",
    "SELECT * LIKE 'ra%' FROM legs",
    "SELECT leg: leg, n: n_photons FROM legs",
    "SELECT leg, FROM legs,",
    "SELECT 1 AS a, a + 1 AS b WHERE b = 2",
    "SELECT p.t_ms, a.roll FROM (FROM ticks LIMIT 5) AS p ASOF JOIN aspect AS a USING (t_ms)",
    "SELECT * FROM legs AS a POSITIONAL JOIN legs AS b",
    "SELECT * FROM legs AS a SEMI JOIN legs AS b USING (leg)",
    "SELECT * FROM legs AS a ANTI JOIN legs AS b USING (leg)",
    "SELECT * FROM legs, LATERAL (SELECT legs.leg + 1 AS next)",
    "FROM legs UNION ALL BY NAME FROM legs",
    "SELECT leg FROM legs EXCEPT SELECT 5",
    "SELECT unnest([1, 2]), ('abc').upper(), [3, 4][-1], 'abc'[1:2], 7 // 2, 2 ** 3, 10_000",
    "SELECT count(*) FILTER (WHERE leg = 0), arg_max(leg, ra0), list(leg ORDER BY ra0) FROM legs",
    "SELECT DATE '2010-05-04' + INTERVAL 3 DAYS, '1.5'::DOUBLE, try_cast('x' AS INTEGER)",
    "SELECT sum(leg) OVER (ORDER BY t0 RANGE BETWEEN 10 PRECEDING AND CURRENT ROW) FROM legs",
    "SELECT * FROM legs USING SAMPLE 2 ROWS",
    "SELECT checkpoint, \"call\", load FROM (SELECT 1 AS checkpoint, 2 AS \"call\", 3 AS load)",
    "DESCRIBE photons",
    "DESCRIBE SELECT 1",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "SUMMARIZE legs",
    "PRAGMA table_info('legs')",
    "PRAGMA database_list",
    "EXPLAIN SELECT 1",
    "EXPLAIN (SELECT 1)",
    "EXPLAIN (ANALYZE, FORMAT json) SELECT 1",
    "/* why */ EXPLAIN -- so\n ANALYZE SELECT count(*) FROM legs",
    "SELECT 1;;",
    "SELECT " + "(" * 300 + "1" + ")" * 300,
]  # fmt: skip

REFUSED = [
    ("INSERT INTO legs SELECT 1", "INSERT", 1, 1),
    ("\n  -- mine\n  COPY legs TO 'x'", "COPY", 3, 3),
    ("EXPLAIN ANALYZE COPY legs TO 'x'", "COPY", 1, 17),
    ("EXPLAIN (ANALYZE, FORMAT json) COPY legs TO 'x'", "COPY", 1, 32),
    ("explain\nanalyze\ndelete from legs", "DELETE", 3, 1),
    ("EXPLAIN CREATE TABLE x (a INTEGER)", "CREATE", 1, 9),
    ("INSTALL httpfs", "INSTALL", 1, 1),
    ("LOAD httpfs", "LOAD", 1, 1),
    ("CALL pragma_version()", "CALL", 1, 1),
    ("EXPORT DATABASE 'x'", "EXPORT", 1, 1),
    ("MERGE INTO legs USING legs AS l ON true WHEN MATCHED THEN DELETE", "MERGE", 1, 1),
    ("SELECT 1, write_log('x')", "write_log()", 1, 11),
    ("FROM enable_logging(['FileSystem'])", "enable_logging()", 1, 6),
    ('SELECT * FROM "checkpoint" ()', "checkpoint()", 1, 15),
    ("FROM query('FROM legs')", "query()", 1, 6),
    ("WITH x AS (FROM main.force_checkpoint()) FROM x", "force_checkpoint()", 1, 22),
]


@pytest.mark.parametrize("sql", READING)
def test_duckdbs_reading_statements_come_in(
    sql: str, full: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert full.query(sql).table.num_columns >= 1
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(("sql", "what", "line", "column"), REFUSED)
def test_a_refusal_points_at_the_words(sql: str, what: str, line: int, column: int) -> None:
    with pytest.raises(QueryError) as error:
        read_statement(sql)
    message, shown, marks = str(error.value).splitlines()
    assert message.startswith(f"line {line}, column {column}: {what} is refused: queries on the ")
    assert shown == "  " + sql.splitlines()[line - 1]
    assert marks.index("^") == column - 1 + 2
    word = what.removesuffix("()")
    assert shown[marks.index("^") : len(marks)].strip('"').lower() == word.lower()


@pytest.mark.parametrize("sql", ["PRAGMA enable_profiling", "PRAGMA threads = 1", "END"])
def test_duckdb_has_its_own_say(sql: str, full: Archive) -> None:
    with pytest.raises(QueryError, match=r"line 1, column 1: .* is refused"):
        full.query(sql)


def test_the_second_statement_is_pointed_at() -> None:
    with pytest.raises(QueryError, match="found 2: the second begins here") as error:
        read_statement("SELECT 1;\nDROP TABLE legs")
    assert str(error.value).startswith("line 2, column 1: ")


@pytest.mark.parametrize("sql", ["", " ; ", "-- nothing", "/* ; */"])
def test_nothing_is_no_statement(sql: str) -> None:
    with pytest.raises(QueryError, match="expected one SQL statement, found 0"):
        read_statement(sql)


def test_what_sqlglot_cannot_read_is_left_to_duckdb(full: Archive) -> None:
    nested = "SELECT " + "(" * 300 + "1" + ")" * 300 + " AS one"
    assert read_statement(nested).tree is None
    assert full.query(nested).rows() == [{"one": 1}]


@pytest.mark.parametrize("start", ["DELETE FROM legs WHERE leg IN", "EXPLAIN ANALYZE SELECT 1 IN"])
def test_a_very_long_statement_is_judged_by_duckdb(start: str, full: Archive) -> None:
    numbers = f"({', '.join(map(str, range(LONGEST_READ // 4)))})"
    assert full.query(f"SELECT 7 IN {numbers} AS found").rows() == [{"found": True}]
    with pytest.raises(QueryError):
        full.query(f"{start} {numbers}")


def test_a_pivot_cannot_carry_another_statement(full: Archive) -> None:
    with pytest.raises(QueryError, match="found 2"):
        full.query("PIVOT legs ON band USING sum(exposure); CREATE TABLE x (a INTEGER)")


def test_explain_of_a_pivot_says_what_it_needs(full: Archive) -> None:
    with pytest.raises(QueryError, match=r"IN \(value"):
        full.query("EXPLAIN PIVOT legs ON band USING sum(exposure)")


def test_tables_are_told_from_subqueries() -> None:
    statement = read_statement("WITH x AS (FROM photons) SELECT * FROM x JOIN legs USING (leg), x")
    assert statement.subqueries == ["x"]
    assert sorted(statement.tables) == ["legs", "photons"]


@pytest.mark.parametrize(
    ("typed", "complete"),
    [("select 1;", True), ("select 1; -- done", True), ("select 1", False), ("select ';'", False),
     ("select ';", False), ("-- ;", False), ("", False)],
)  # fmt: skip
def test_the_prompt_waits_for_a_semicolon(typed: str, complete: bool) -> None:
    assert is_complete(typed) is complete


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        statement = read_statement(text)
    except QueryError as error:
        assert "expected one" in str(error) or "refused" in str(error)  # noqa: PT017
    else:
        assert statement.sql == text


@given(st.text(alphabet="abü'\n\"; -", max_size=30))
def test_strings_hide_what_is_in_them(text: str) -> None:
    quoted = text.replace("'", "''")
    assert read_statement(f"SELECT '{quoted}' AS x").tree is not None
