"""Files, views of an archive with files, and views of one without have the same columns."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from gphoton_db.archive import Archive
from gphoton_db.paths import KINDS
from gphoton_db.schemas import LEG, OF_LEGS, OF_SOURCES, OF_SURVEY, null_columns


def types(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, str]:
    rows = connection.execute(f"DESCRIBE FROM {name}").fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


def test_every_kind_of_file_has_a_schema() -> None:
    assert tuple(OF_LEGS) == KINDS
    assert set(OF_SOURCES) == {"sources", "photometry", "entries", "variables"}


@pytest.mark.parametrize("kind", KINDS)
def test_files_have_the_schema_of_their_kind(kind: str, sky_root: Path) -> None:
    files = sorted((sky_root / kind).rglob("*.parquet"))
    assert files
    for path in files:
        found = pq.read_schema(path)
        assert found.remove_metadata().equals(OF_LEGS[kind])


@pytest.mark.parametrize("kind", [*OF_LEGS, *OF_SOURCES])
def test_views_have_the_columns_of_the_schema_with_and_without_files(
    kind: str, sky_root: Path, empty_root: Path
) -> None:
    schema = {**OF_LEGS, **OF_SOURCES}[kind]
    view = "catalogue" if kind == "entries" else kind
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE row AS SELECT {null_columns(LEG, schema)}")
        expected = types(connection, "row")
    found = []
    for root in (sky_root, empty_root):
        with duckdb.connect(str(root / "gphoton.duckdb"), read_only=True) as connection:
            connection.execute(f"SET VARIABLE gphoton_root = '{root}'")
            found.append(types(connection, view))
    assert found[0] == found[1]
    if kind == "entries":
        del expected["band"]  # an entry is of both
    assert expected.items() <= found[0].items()


@pytest.fixture(scope="module")
def without_legs(empty_root: Path) -> Iterator[Archive]:
    with Archive(empty_root) as archive:
        yield archive


@pytest.mark.parametrize("kind", OF_SURVEY)
def test_views_of_the_whole_archive_have_the_columns_of_the_schema(
    kind: str, without_legs: Archive
) -> None:
    rows = without_legs.query(f"DESCRIBE {kind}").rows()
    assert without_legs.query(f"FROM {kind}").rows() == []
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE row AS SELECT {null_columns(OF_SURVEY[kind])}")
        expected = types(connection, "row")
    found = {str(row["column_name"]): str(row["column_type"]) for row in rows}
    assert expected.items() <= found.items()
