"""Every type of DuckDB in every form of a result, and every kind of value as a parameter."""

import csv
import datetime
import decimal
import io
import json
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import astropy.units as u
import duckdb
import numpy as np
import pandas as pd
import pytest
from astropy.time import Time

from gphoton_db.archive import Archive
from gphoton_db.cli.rows import print_rows
from gphoton_db.errors import QueryError
from gphoton_db.query.query import QueryResult
from tests.gphoton_db.conftest import Cli

TYPES = {
    "bool": "true",
    "tinyint": "(-128)::TINYINT",
    "smallint": "(-32768)::SMALLINT",
    "integer": "(-2147483648)::INTEGER",
    "bigint": "9223372036854775807",
    "utinyint": "255::UTINYINT",
    "usmallint": "65535::USMALLINT",
    "uinteger": "4294967295::UINTEGER",
    "ubigint": "18446744073709551615::UBIGINT",
    "hugeint": "(-170141183460469231731687303715884105728)::HUGEINT",
    "uhugeint": "340282366920938463463374607431768211455::UHUGEINT",
    "bignum": "'123456789012345678901234567890123456789012'::BIGNUM",
    "float": "0.1::FLOAT",
    "double": "0.1::DOUBLE",
    "decimal": "12.34::DECIMAL(6, 2)",
    "date": "DATE '2007-09-20'",
    "time": "TIME '15:07:20.5'",
    "time_ns": "'15:07:20.123456789'::TIME_NS",
    "timetz": "TIMETZ '15:07:20+02'",
    "timestamp": "TIMESTAMP '2007-09-20 15:07:20.5'",
    "timestamp_s": "TIMESTAMP_S '2007-09-20 15:07:20'",
    "timestamp_ms": "TIMESTAMP_MS '2007-09-20 15:07:20.5'",
    "timestamp_ns": "TIMESTAMP_NS '2007-09-20 15:07:20.123456789'",
    "timestamptz": "TIMESTAMPTZ '2007-09-20 15:07:20+02'",
    "interval": "INTERVAL '1 year 2 months 3 days 04:05:06.5'",
    "varchar": "'a \"b\", ü\n★'",
    "blob": "'\\xAB\\x00a'::BLOB",
    "bit": "'0101'::BIT",
    "uuid": "'00112233-4455-6677-8899-aabbccddeeff'::UUID",
    "enum": "'b'::ENUM('a', 'b')",
    "json": "'{\"a\": [1, null]}'::JSON",
    "variant": "42::VARIANT",
    "list": "[1, NULL, 3]",
    "array": "[1.5, 2.5]::DOUBLE[2]",
    "struct": "{'a': 1, 'b': 'x'}",
    "map": "MAP {'a': 1, 'b': NULL}",
    "map of numbers": "MAP {1: 2.5}",
    "union": "union_value(num := 2)",
    "list of dates": "[DATE '2007-09-20', NULL]",
    "list of decimals": "[1.25::DECIMAL(4, 2)]",
    "list of blobs": "['\\xAB'::BLOB]",
    "list of bits": "['0101'::BIT]",
    "list of intervals": "[INTERVAL 3 DAY]",
    "list of unions": "[union_value(num := 2)]",
    "struct of all sorts": "{'a': TIMESTAMP '2007-09-20 15:07:20', 'b': [{'c': '1'::BIT}], "
    "'d': MAP {'x': INTERVAL 1 DAY}}",
    "map of structs": "MAP {{'a': 1}: [2]}",
}
"""An expression for each type."""

READ_BACK = {
    "blob": "unhex({text})",
    "variant": "{text}::INTEGER::VARIANT",
    "union": "union_value(num := {text}::INTEGER)",
    "list": "{text}::INTEGER[]",
    "array": "{text}::DOUBLE[2]",
    "struct": "{text}::JSON::STRUCT(a INTEGER, b VARCHAR)",
    "map": "{text}::JSON::MAP(VARCHAR, INTEGER)",
    "map of numbers": "{text}::JSON::MAP(INTEGER, DECIMAL(2, 1))",
    "list of dates": "{text}::JSON::DATE[]",
    "list of decimals": "{text}::JSON::DECIMAL(4, 2)[]",
    "list of blobs": "[unhex(({text}::JSON->>0))]",
    "list of bits": "{text}::JSON::VARCHAR[]::BIT[]",
    "list of intervals": "{text}::JSON::INTERVAL[]",
    "list of unions": "[union_value(num := ({text}::JSON->>0)::INTEGER)]",
    "struct of all sorts": "{text}::JSON::STRUCT(a TIMESTAMP, b STRUCT(c VARCHAR)[], "
    "d MAP(VARCHAR, INTERVAL))::STRUCT(a TIMESTAMP, b STRUCT(c BIT)[], d MAP(VARCHAR, INTERVAL))",
}
"""How DuckDB makes the value of the text again, where ``CAST`` alone does not."""

NEAR = ("hugeint", "uhugeint")
"""Numbers beyond 64 bits, which are floats in results and in Parquet."""

NO_TEXT = ("map of structs",)
"""Types that JSON has nothing for: their text is a list of pairs."""

NO_CAST = (*NEAR, "variant", "union", "list of unions")
"""Types that a text is not cast to: it is the value's."""

SOME_NULL = "SELECT * FROM (VALUES ({value}), (NULL)) AS t(x)"

FORMS: dict[str, Callable[[QueryResult], Any]] = {
    "rows": lambda result: [row["x"] for row in result.rows()],
    "df": lambda result: list(result.df()["x"]),
    "astropy": lambda result: list(result.astropy()["x"]),
    "arrow": lambda result: result.arrow()["x"].to_pylist(),
}


def _failing(names: Iterable[str], holds: Callable[[str], bool]) -> dict[str, str]:
    """Return the types for which something does not hold, and why."""
    failing = {}
    for name in names:
        try:
            if not holds(name):
                failing[name] = "differs"
        except (Exception, SystemExit) as error:  # noqa: BLE001 -- each is listed
            failing[name] = repr(error)
    return failing


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_type_has_every_form(form: Callable[[QueryResult], Any], full: Archive) -> None:
    def holds(name: str) -> bool:
        first, second = form(full.query(SOME_NULL.format(value=TYPES[name])))
        missing = second is None or second is np.ma.masked or bool(pd.isna(second))
        return missing and str(first) not in ("", "None", "nan", "NaT", "--")

    assert _failing(TYPES, holds) == {}


@pytest.mark.parametrize(
    ("sql", "kind", "value"),
    [
        ("DATE '2007-09-20'", "M", np.datetime64("2007-09-20")),
        ("TIME '15:07:20.5'", "U", "15:07:20.500000"),
        ("INTERVAL '3 days 04:05:06'", "U", "3 days 04:05:06"),
        ("'0101'::BIT", "U", "0101"),
        ("TIMETZ '15:07:20+02'", "U", "15:07:20+02"),
        ("'b'::ENUM('a', 'b')", "U", "b"),
        ("340282366920938463463374607431768211455::UHUGEINT", "f", 2.0**128),
    ],
)
def test_types_in_astropy_tables(sql: str, kind: str, value: Any, full: Archive) -> None:
    column = full.query(SOME_NULL.format(value=sql)).astropy()["x"]
    assert column.dtype.kind == kind
    assert column[0] == value
    assert list(column.mask) == [False, True]


@pytest.mark.parametrize("form", ["rows", "df"])
def test_what_python_cannot_hold_is_an_error_of_ours(form: str, full: Archive) -> None:
    result = full.query("SELECT DATE 'infinity' AS for_ever")
    with pytest.raises(QueryError, match=r"for_ever.*VARCHAR"):
        FORMS[form](result)


def _written(cli: Cli, root: Path, statement: str, *options: str | Path) -> str:
    done = cli("--archive", root, "sql", statement, *options)
    assert done.code == 0, done.err
    return str(done.out)


WITH_TEXT = [name for name in TYPES if name not in NO_TEXT]

_EACH = ", ".join(f'{TYPES[name]} AS "{name}"' for name in WITH_TEXT)
ALL_TYPES = f"SELECT t.* FROM (SELECT {_EACH}) AS t RIGHT JOIN range(2) ON range = 0 ORDER BY range"
"""A column of each type, and a second row of nothing."""


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET timezone = 'UTC'")
    return connection


def _run(sql: str, parameters: dict[str, Any] | None = None) -> list[Any]:
    return list(_connection().execute(sql, parameters).fetchall())


def _kind(expression: str) -> str:
    return str(_run(f"SELECT typeof({expression})")[0][0])


def _same(expression: str, text: str, name: str) -> bool:
    """Return whether DuckDB makes the same value of a text again."""
    if name in NEAR:
        return float(text) == pytest.approx(float(_run(f"SELECT {expression}")[0][0]))
    made = READ_BACK.get(name, f"CAST({{text}} AS {_kind(expression)})").replace("{text}", "$text")
    given = {"text": text}
    ((value, truth),) = _run(f"SELECT ({made})::VARCHAR, ({expression})::VARCHAR", given)
    return bool(value == truth)


def test_csv_of_every_type_reads_back(cli: Cli, full_root: Path) -> None:
    text = _written(cli, full_root, ALL_TYPES, "--format", "csv")
    header, values, missing = list(csv.reader(io.StringIO(text)))
    assert (header, missing) == (WITH_TEXT, [""] * len(WITH_TEXT))
    found = dict(zip(header, values, strict=True))
    assert _failing(WITH_TEXT, lambda name: _same(TYPES[name], found[name], name)) == {}


def test_json_of_every_type_reads_back(cli: Cli, full_root: Path) -> None:
    values, missing = json.loads(_written(cli, full_root, ALL_TYPES, "--format", "json"))

    def holds(name: str) -> bool:
        value = values[name]
        text = value if isinstance(value, str) else json.dumps(value)
        return missing[name] is None and _same(TYPES[name], text, name)

    assert _failing(WITH_TEXT, holds) == {}


def test_parquet_of_every_type_reads_back(cli: Cli, full_root: Path, tmp_path: Path) -> None:
    _written(cli, full_root, ALL_TYPES, "--output", tmp_path / "x.parquet")

    def holds(name: str) -> bool:
        cast = f'"{name}"' if name in NO_CAST else f'CAST("{name}" AS {_kind(TYPES[name])})'
        rows = _run(f"SELECT {cast}::VARCHAR, ({TYPES[name]})::VARCHAR FROM '{tmp_path}/x.parquet'")
        (value, truth), (missing, _) = rows
        near = name in NEAR and float(value) == pytest.approx(float(truth))
        return missing is None and (value == truth or near)

    assert _failing(WITH_TEXT, holds) == {}


def test_tables_show_every_type(full: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    def holds(name: str) -> bool:
        with full.stream(SOME_NULL.format(value=TYPES[name]) + " ORDER BY x IS NULL") as stream:
            print_rows(stream)
        value = capsys.readouterr().out.splitlines()[3].strip("│ ")
        return bool(value) and "b'" not in value and "(" not in value

    assert _failing(TYPES, holds) == {}


@pytest.mark.parametrize("chosen", ["csv", "json", "table"])
def test_infinite_times_have_a_text(chosen: str, cli: Cli, full_root: Path) -> None:
    for expression in ("DATE 'infinity'", "TIMESTAMP 'infinity'"):
        statement = SOME_NULL.format(value=expression)
        assert "infinity" in _written(cli, full_root, statement, "--format", chosen)


@pytest.mark.parametrize(
    ("value", "back"),
    [
        (np.float32(1.5), 1.5),
        (np.int64(2), 2),
        (np.uint8(2), 2),
        (np.bool_(True), True),
        (np.array(3), 3),
        (np.array([1, 2]), [1, 2]),
        ([np.int16(1), np.float32(0.5)], [1, 0.5]),
        (np.datetime64("2007-09-20T15:07:20"), datetime.datetime(2007, 9, 20, 15, 7, 20)),
        (np.timedelta64(90, "s"), "00:01:30"),
        (pd.Timestamp("2007-09-20 15:07:20"), datetime.datetime(2007, 9, 20, 15, 7, 20)),
        (pd.Series([1, 2]), [1, 2]),
        (Time("2007-09-20T15:07:20"), datetime.datetime(2007, 9, 20, 15, 7, 20)),
        (np.ma.masked, None),
        (pd.NaT, None),
        (u.Quantity(0.5), 0.5),
        (decimal.Decimal("1.25"), 1.25),
        (Path("here"), "here"),
    ],
    ids=repr,
)
def test_values_of_many_kinds_are_parameters(value: Any, back: Any, full: Archive) -> None:
    by_place = full.query("SELECT ? AS x, 'np'::VARCHAR AS y", [value]).rows()
    by_name = full.query("SELECT $v AS x, 'np'::VARCHAR AS y", {"v": value}).rows()
    assert by_place == by_name == [{"x": back, "y": "np"}]
    assert full.query("SELECT ? AS x, ? AS y", [np.int64(1), value]).rows()[0]["y"] == back


@pytest.mark.parametrize(
    "value", [12.8 * u.arcsec, Time(["2007-09-20"] * 2), object(), {1, 2}, 2**200]
)
def test_values_that_are_none_are_errors(value: Any, full: Archive) -> None:
    with pytest.raises(QueryError, match="parameter"):
        full.query("SELECT ? AS x", [value])


def test_named_queries_take_values_of_many_kinds(full: Archive) -> None:
    plain = full.named_query("visits_of_position", ra=323.5, dec=-2.0, reach=30.0)
    same = full.named_query(
        "visits_of_position",
        ra=np.float64(323.5) * u.deg, dec=-120 * u.arcmin, reach=np.array(0.5) * u.arcmin,
    )  # fmt: skip
    assert same.rows() == plain.rows()
    assert len(plain) > 0
    with pytest.raises(QueryError, match="reach"):
        full.named_query("visits_of_position", ra=323.5, dec=-2.0, reach=3 * u.s)
