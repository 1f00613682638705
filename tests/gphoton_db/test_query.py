"""Queries from Python: parameters, forms of the result, errors."""

import datetime
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gphoton_db.archive import Archive
from gphoton_db.errors import QueryError
from gphoton_db.query.query import unique

MIXED = (
    "SELECT * FROM (VALUES (1, 1.5, true, 'a', TIMESTAMP '2010-05-04', [1]), "
    "(NULL, NULL, NULL, NULL, NULL, NULL)) AS t(i, x, b, s, day, l)"
)


def test_parameters_by_place_and_by_name(full: Archive) -> None:
    by_place = full.query("SELECT leg FROM legs WHERE band = ? AND leg > ?", ["NUV", 0])
    by_name = full.query("SELECT leg FROM legs WHERE band = $b AND leg > $n", {"b": "NUV", "n": 0})
    assert by_place.rows() == by_name.rows() == [{"leg": 1}]


@pytest.mark.parametrize("parameters", [None, [], [1, 2], {"x": 1}])
def test_parameters_must_fit(parameters: list[int] | None, full: Archive) -> None:
    with pytest.raises(QueryError):
        full.query("SELECT ?", parameters)


def test_parameters_are_values_and_never_sql(full: Archive) -> None:
    text = "'; DROP TABLE legs; --"
    assert full.query("SELECT ? AS x", [text]).rows() == [{"x": text}]


def test_rows_come_in_every_form(full: Archive) -> None:
    result = full.query("SELECT band, leg FROM legs ORDER BY ALL")
    rows = [{"band": band, "leg": leg} for band in ("FUV", "NUV") for leg in (0, 1)]
    assert len(result) == 4
    assert result.rows() == rows
    assert isinstance(result.arrow(), pa.Table)
    assert result.arrow().to_pylist() == rows
    assert isinstance(result.df(), pd.DataFrame)
    assert result.df().to_dict("records") == rows
    table = result.astropy()
    assert table.colnames == ["band", "leg"]
    assert table["band"].dtype.kind == "U"
    assert list(table["leg"]) == [0, 1, 0, 1]
    assert not table.has_masked_columns


def test_null_is_masked_in_astropy_tables(full: Archive) -> None:
    table = full.query(MIXED).astropy()
    for name in ("i", "x", "b", "s", "day", "l"):
        assert list(table[name].mask) == [False, True], name
    assert {name: table[name].dtype.kind for name in ("i", "x", "b", "s", "day")} == {
        "i": "i", "x": "f", "b": "b", "s": "U", "day": "M",
    }  # fmt: skip
    assert (table["i"][0], table["x"][0], table["b"][0], table["s"][0]) == (1, 1.5, True, "a")


def test_null_is_none_in_rows(full: Archive) -> None:
    first, second = full.query(MIXED).rows()
    assert first["day"] == datetime.datetime(2010, 5, 4)
    assert set(second.values()) == {None}


def test_flagged_photons_are_masked(full: Archive) -> None:
    table = full.query("SELECT ra, dec, flags FROM photons").astropy()
    nowhere = np.asarray(table["ra"].mask)
    assert 0 < nowhere.sum() < len(table)
    assert (table["flags"][nowhere] > 0).all()


def test_columns_of_the_same_name_are_all_there(full: Archive) -> None:
    result = full.query("SELECT 1 AS a, 2 AS a, 3 AS b, 4 AS a_1, 5 AS a")
    assert result.rows() == [{"a": 1, "a_2": 2, "b": 3, "a_1": 4, "a_3": 5}]
    assert result.astropy().colnames == result.arrow().column_names


@given(st.lists(st.sampled_from(["a", "a_1", "a_1_1", "b"])))
def test_names_are_made_unique(names: list[str]) -> None:
    found = unique(names)
    assert len(set(found)) == len(found) == len(names)
    assert all(new.startswith(old) for old, new in zip(names, found, strict=True))
    if len(set(names)) == len(names):
        assert found == names


def test_sums_are_plain_numbers(full: Archive) -> None:
    result = full.query(
        "SELECT sum(n_photons) AS n, 1.25 AS x, 2::HUGEINT ** 100 AS y, "
        "170141183460469231731687303715884105727 AS z, sum(NULL::BIGINT) AS nothing FROM legs"
    )
    kinds = {field.name: str(field.type) for field in result.arrow().schema}
    assert kinds == {"n": "int64", "x": "double", "y": "double", "z": "double", "nothing": "int64"}
    (row,) = result.rows()
    assert row["n"] == sum(leg.n_photons for leg in full.legs())
    assert (row["x"], row["nothing"]) == (1.25, None)
    assert row["z"] == pytest.approx(2.0**127)


def test_an_empty_result_keeps_its_columns(full: Archive) -> None:
    result = full.query("SELECT eclipse, band, ra0 FROM legs WHERE false")
    assert len(result) == 0
    assert result.astropy().colnames == result.df().columns.tolist() == ["eclipse", "band", "ra0"]


@pytest.mark.parametrize("sql", ["DELETE FROM legs", "SELECT 1; SELECT 2", "", "SELEKT"])
def test_what_is_not_one_reading_statement_is_an_error(sql: str, full: Archive) -> None:
    with pytest.raises(QueryError):
        full.query(sql)


@pytest.mark.parametrize("explain", ["EXPLAIN (ANALYZE)", "EXPLAIN /* */ ANALYZE", "/**/ EXPLAIN"])
def test_writing_cannot_hide_behind_an_explanation(
    explain: str, full: Archive, tmp_path: Path
) -> None:
    with pytest.raises(QueryError):
        full.query(f"{explain} COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'")
    assert list(tmp_path.iterdir()) == []


def test_queries_go_on_after_an_error(full: Archive) -> None:
    with pytest.raises(QueryError, match="nowhere"):
        full.query("FROM nowhere")
    assert len(full.query("FROM legs")) == 4


def test_a_lost_photon_file_is_named(full_copy: Path) -> None:
    shutil.rmtree(full_copy / "photons" / "band=NUV" / "eclipse=23500" / "leg=1")
    with Archive(full_copy) as archive, pytest.raises(QueryError, match="leg=1"):
        archive.query("SELECT count(*) FROM photons")
