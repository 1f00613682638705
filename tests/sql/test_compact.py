"""Merged photons of many visits: the same rows as before, whatever happens to the archive."""

import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from numpy.typing import NDArray

from gphoton_db.archive import Archive
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.merged import TABLES
from gphoton_db.intake import compact as compacting
from gphoton_db.intake import merging
from gphoton_db.paths import ArchivePaths
from tests.gphoton_db.archives import in_shell
from tests.shared import own_copy
from tests.sql.conftest import ACROSS_ZERO, NEAR_POLE, STAR
from tests.sql.deep_fields import make_deep_field

VISITS = 2
SETS = 7
"""Each leg of `FIELDS`, seen four times, and the two bands of two of them."""

SMALL = (23501,)
"""The eclipse of one leg that sees the star."""

PLACES = {"star": STAR, "RA 0": ACROSS_ZERO, "a pole": NEAR_POLE}

OF_ANY_PLACE = (
    "FROM cone({ra}, {dec}, 20)",
    "FROM cone({ra}, {dec}, 300, band := 'NUV')",
    "FROM box({ra} - 0.02, {ra} + 0.02, {dec} - 0.0004, {dec} + 0.0004)",
    "FROM lightcurve({ra}, {dec}, step := 5, inner := 40, outer := 90)",
)
STATEMENTS = (
    *OF_ANY_PLACE,
    "FROM cone({ra}, {dec}, 20, band := 'FUV')",
    "FROM lightcurve({ra}, {dec}, step := 0.7, band := 'NUV')",
    "FROM lightcurve({ra}, {dec}, step := NULL)",
    "FROM visit_lightcurve({ra}, {dec}, band := 'NUV')",
    "SELECT count(*), sum(t_ms) FROM eclipse_photons(23500)",
    "SELECT count(*), sum(t_ms) FROM leg_photons(23500, 'FUV', 1)",
    "SELECT count(*), sum(t_ms), sum(cell) FROM photons",
    "SELECT len(archive_legs('photons'))",
)


@pytest.fixture(scope="module")
def deep_root(sky_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("deep") / "archive"
    make_deep_field(sky_root, root, VISITS)
    return root


@pytest.fixture(scope="module")
def merged_root(deep_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, with all fields merged, each into several files."""
    root = tmp_path_factory.mktemp("merged") / "archive"
    shutil.copytree(deep_root, root)
    with pytest.MonkeyPatch.context() as patch, Archive(root) as archive:
        patch.setattr(merging, "PART_PHOTONS", 1500)
        patch.setattr(merging, "SORTED_PHOTONS", 4000)
        patch.setattr(merging, "ROW_GROUP_PHOTONS", 250)
        made = archive.compact(fewest=VISITS)
    assert (made.n_sets, made.n_legs) == (SETS, SETS * VISITS)
    return root


@pytest.fixture(scope="module")
def both(deep_root: Path, merged_root: Path) -> Iterator[tuple[Archive, Archive]]:
    """The archive as it was, and merged; to open them takes longer than most statements."""
    with Archive(deep_root) as before, Archive(merged_root) as after:
        yield before, after


def rows_of(root: Path, statement: str) -> list[tuple[Any, ...]]:
    with Archive(root) as archive:
        return rows_in(archive, statement)


def rows_in(archive: Archive, statement: str) -> list[tuple[Any, ...]]:
    rows = archive.query(statement).rows()
    keys = ("eclipse", "band", "leg", "t_ms", "t0", "ra", "dec", "col", "row")
    return [
        tuple(row.values())
        for row in sorted(rows, key=lambda row: [row[key] for key in keys if key in row])
    ]


def assert_same(found: list[tuple[Any, ...]], expected: list[tuple[Any, ...]]) -> None:
    """Check that rows are the same; DuckDB adds numbers up in any order."""
    assert len(found) == len(expected)
    for row, other in zip(found, expected, strict=True):
        for value, wanted in zip(row, other, strict=True):
            if value != wanted:
                assert isinstance(value, float), (value, wanted)
                assert math.isclose(value, wanted, rel_tol=1e-11, abs_tol=1e-12)


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        *(("star", statement) for statement in STATEMENTS),
        *((name, OF_ANY_PLACE[0]) for name in ("RA 0", "a pole")),
        *(
            pytest.param(name, statement, marks=pytest.mark.deep)
            for name in ("RA 0", "a pole")
            for statement in OF_ANY_PLACE[1:]
        ),
    ],
)
def test_every_statement_gives_the_same_rows(
    name: str, statement: str, both: tuple[Archive, Archive]
) -> None:
    place = PLACES[name]
    statement = statement.format(ra=place[0], dec=place[1])
    expected, found = (rows_in(archive, statement) for archive in both)
    if "cone" in statement or "box" in statement:
        assert found == expected
    assert_same(found, expected)
    assert expected or place != STAR


def test_the_bare_shell_reads_merged_photons(deep_root: Path, merged_root: Path) -> None:
    statement = (
        f"SELECT band, counts, t0 FROM lightcurve({STAR[0]}, {STAR[1]}, step := 5) ORDER BY ALL"
    )
    before, after = (
        in_shell(statement, root / "gphoton.duckdb", "-readonly")
        for root in (deep_root, merged_root)
    )
    assert after.returncode == 0, after.stderr
    assert after.stdout == before.stdout


@pytest.mark.parametrize(
    ("name", "step"),
    [
        *(("star", 5.0), ("star", None), ("a pole", 5.0)),
        pytest.param("a pole", None, marks=pytest.mark.deep),
        pytest.param("RA 0", 5.0, marks=pytest.mark.deep),
        pytest.param("RA 0", None, marks=pytest.mark.deep),
    ],
)
def test_python_gives_the_same_numbers(
    name: str, step: float | None, both: tuple[Archive, Archive]
) -> None:
    before, after = (curve_of(archive, PLACES[name], step) for archive in both)
    assert before["counts"].sum() > 0
    assert_identical(before, after)


def curve_of(
    archive: Archive, place: tuple[float, float] = STAR, step: float | None = 5.0
) -> dict[str, NDArray[Any]]:
    curve = archive.lightcurve(*place, step=step, annulus=(40, 90))
    # The visits are of the same times: in any order.
    curve = curve[np.lexsort((curve["t0"], curve["leg"], curve["eclipse"], curve["band"]))]
    return {name: np.asarray(curve[name]) for name in curve.colnames if name != "time"}


def assert_identical(found: dict[str, NDArray[Any]], expected: dict[str, NDArray[Any]]) -> None:
    assert list(found) == list(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)


def test_python_reads_no_file_of_a_merged_leg(
    merged_root: Path, both: tuple[Archive, Archive], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = own_copy(tmp_path_factory, merged_root)
    for kind in ("photons", "seconds", "aspect"):
        shutil.rmtree(root / kind)
    with Archive(root) as archive:
        assert_identical(curve_of(archive), curve_of(both[0]))


def test_a_set_of_an_older_version_has_photons_alone(
    merged_root: Path, both: tuple[Archive, Archive], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = own_copy(tmp_path_factory, merged_root)
    for kind in ("seconds", "aspect"):
        for path in root.glob(f"merged/*/*-{kind}.parquet"):
            path.unlink()
    with Catalogue(ArchivePaths(root)).changing() as connection:
        connection.execute("DELETE FROM merged_tables")
    with Archive(root) as archive:
        assert_identical(curve_of(archive), curve_of(both[0]))


def test_merged_files_are_read_and_not_the_legs_own(merged_root: Path) -> None:
    with Archive(merged_root) as archive:
        files = archive.reads(f"FROM cone({STAR[0]}, {STAR[1]}, 20)").files.rows()
        of_eclipse = archive.reads("FROM eclipse_photons(23500)").files.rows()
    others = [row["other_file"] for row in files if row["other_file"]]
    assert others
    assert all(f"{merged_root}/merged/band=" in name for name in others)
    assert not [row for row in files if row["kind"] == "photons"]
    assert {row["kind"] for row in of_eclipse} == {"photons"}


@pytest.fixture(scope="module")
def small_root(sky_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of the fields alone: to merge seven takes as long as all else."""
    root = tmp_path_factory.mktemp("small") / "archive"
    make_deep_field(sky_root, root, VISITS, eclipses=SMALL)
    return root


@pytest.fixture(scope="module")
def small_merged_root(small_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("small-merged") / "archive"
    shutil.copytree(small_root, root)
    with Archive(root) as archive:
        assert archive.compact(fewest=VISITS).n_sets == len(SMALL)
    return root


def test_nothing_is_merged_twice(
    small_merged_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = own_copy(tmp_path_factory, small_merged_root)
    names = merged_names(root)
    with Archive(root) as archive:
        assert archive.compact(fewest=VISITS).n_sets == 0
        assert merged_names(root) == names
        assert archive.compact(fewest=VISITS, again=True).n_sets == len(SMALL)
    listed = listed_names(root)
    assert merged_names(root) == names | listed
    assert not names & listed


def test_a_lost_catalogue_forgets_what_was_merged(
    small_root: Path, small_merged_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = own_copy(tmp_path_factory, small_merged_root)
    (root / "gphoton.duckdb").unlink()
    cone = f"FROM cone({STAR[0]}, {STAR[1]}, 20)"
    with Archive(root) as archive:
        assert archive.query("FROM merged_files").rows() == []
        made = archive.compact(fewest=VISITS)
    # Manifests are of the legs that the links are of; those of each field are merged again.
    assert made.n_sets == len(SMALL)
    assert merged_names(root) == listed_names(root)
    assert_same(rows_of(root, cone), rows_of(small_root, cone))


def listed_names(root: Path) -> set[str]:
    statement = "SELECT path FROM merged_files UNION ALL SELECT path FROM merged_tables"
    return {path for (path,) in rows_of(root, statement)}


def merged_names(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.glob("merged/*/*.parquet")}


def test_an_archive_from_before_is_merged(small_root: Path, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    shutil.copytree(small_root, root)
    with duckdb.connect(str(root / "gphoton.duckdb")) as connection:
        connection.execute("; ".join(f"DROP TABLE {table}" for table in TABLES))
        connection.execute("UPDATE archive_info SET sql_version = 'older'")
    cone = f"FROM cone({STAR[0]}, {STAR[1]}, 20)"
    expected = rows_of(small_root, cone)
    assert expected
    assert_same(rows_of(root, cone), expected)
    with Archive(root) as archive:
        assert archive.compact(fewest=VISITS).n_sets == len(SMALL)
    assert_same(rows_of(root, cone), expected)


def test_fields_that_overlap_little_stay(sky_root: Path) -> None:
    legs = compacting._legs(Catalogue(ArchivePaths(sky_root)))
    assert len(legs) == 7
    assert compacting.sets_of(legs, 2) == []
