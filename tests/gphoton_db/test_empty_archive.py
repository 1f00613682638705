"""New archives, which begin with the catalogue of an empty one that was made before."""

import re
import shutil
from pathlib import Path

import duckdb
import pytest

from gphoton_db.archive import Archive
from gphoton_db.catalogue.empty_archive import keep_files, kept_files
from gphoton_db.paths import ArchivePaths

EVERYTHING = (
    "SELECT function_name, macro_definition, comment FROM duckdb_functions() WHERE NOT internal",
    "SELECT view_name, sql, comment FROM duckdb_views() WHERE NOT internal",
    "SELECT table_name, sql, comment FROM duckdb_tables()",
    "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal",
    "FROM definitions",
    "SELECT table_name, block, n_rows FROM segments",
    "SELECT schema_version, software_version, sql_version, root FROM archive_info",
)
"""Statements that show all that there is in a head, but times and hashes."""

_COMMIT = re.compile(r"\d{8}T\d+-[0-9a-f]+")
_SET = re.compile(r"EXCLUDE \(([^)]*)\)")


Head = list[set[tuple[object, ...]]]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the user that is empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "gphoton-db" / "empty-archive"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Head, Path]:
    """What the first archive of a user has, and the cache folder then; not to be changed."""
    folder = tmp_path_factory.mktemp("first")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        return make(folder / "archive"), folder / "cache" / "gphoton-db" / "empty-archive"


@pytest.fixture
def kept(cache: Path, first: tuple[Head, Path]) -> Path:
    """The catalogue that was kept when the first archive was made."""
    shutil.copytree(first[1], cache)
    (folder,) = cache.iterdir()
    return folder


def make(root: Path) -> Head:
    """Make an archive, and return what its head has, in the place of its folder ``ROOT``."""
    Archive(root, create=True).close()
    with duckdb.connect(str(root / "gphoton.duckdb"), read_only=True) as shell:
        found = [shell.execute(statement).fetchall() for statement in EVERYTHING]
    return [{_without(row, root) for row in rows} for rows in found]


def _without(row: tuple[object, ...], root: Path) -> tuple[object, ...]:
    """Leave out of a row what differs: the folder, names of commits, the order of a set."""
    return tuple(
        _SET.sub(_sorted, _COMMIT.sub("COMMIT", each.replace(str(root), "ROOT")))
        if isinstance(each, str)
        else each
        for each in row
    )


def _sorted(names: re.Match[str]) -> str:
    return f"EXCLUDE {sorted(names[1].split(', '))}"


def test_the_second_archive_has_what_the_first_one_has(
    first: tuple[Head, Path], kept: Path, tmp_path: Path
) -> None:
    second = make(tmp_path / "second")
    assert list(kept.parent.iterdir()) == [kept]
    definitions = EVERYTHING.index("FROM definitions")
    # Those of texts with the archive's folder in them have other hashes.
    names = [{row[0] for row in found[definitions]} for found in (first[0], second)]
    assert names[0] == names[1]
    assert len(names[0]) > 50
    for statement, one, other in zip(EVERYTHING, first[0], second, strict=True):
        assert one ^ other == set() or statement == "FROM definitions", statement


@pytest.mark.parametrize(
    "name",
    ["gphoton.duckdb", pytest.param("catalogue/legs/*.parquet", marks=pytest.mark.deep)],
)
def test_a_catalogue_that_was_changed_is_not_used(kept: Path, tmp_path: Path, name: str) -> None:
    assert kept_files()
    changed = next(kept.glob(name))
    changed.write_bytes(changed.read_bytes()[:-1] + b"?")
    assert kept_files() == {}
    make(tmp_path / "second")
    assert kept_files()
    assert list(kept.parent.iterdir()) != [kept]


def test_without_a_place_to_keep_it_archives_are_made_all_the_same(
    cache: Path, tmp_path: Path
) -> None:
    cache.parent.parent.write_text("a file, and no folder")
    make(tmp_path / "first")
    keep_files(ArchivePaths(tmp_path / "first"))
    assert kept_files() == {}


def test_an_archive_whose_catalogue_was_lost_begins_with_nothing(
    kept: Path, tmp_path: Path
) -> None:
    root = tmp_path / "archive"
    Archive(root, create=True).close()
    before = kept_files()
    assert before
    (root / "photons").mkdir()
    (root / "photons" / "mine.parquet").write_bytes(b"no photons")
    (root / "gphoton.duckdb").unlink()
    Archive(root, create=True).close()
    assert kept_files() == before
