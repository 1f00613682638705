"""Consolidated pointing tables of many visits, taken into an archive."""

import json
import shutil
from collections.abc import Callable, Iterator
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from gphoton_db.archive import Archive
from gphoton_db.aspect.read import read_pointing
from gphoton_db.errors import ArchiveError, GPhotonError, PointingError
from gphoton_db.intake.pointing_import import PointingImport
from tests.gphoton_db.archives import Sources
from tests.gphoton_db.conftest import Cli

Tables = dict[str, dict[str, Any]]

FIELD = shapely.to_wkb(shapely.box(100.0, 10.0, 101.0, 11.0))


def tables_of(*eclipses: int, seconds: int = 60) -> Tables:
    """Return consolidated tables of visits with one leg each, in no particular order."""
    eclipse = np.repeat(eclipses, seconds)
    second = np.tile(np.arange(seconds), len(eclipses))
    order = np.random.default_rng(1).permutation(len(eclipse))
    aspect = {
        "eclipse": eclipse,
        "time": 7e8 + 6000.0 * eclipse + second + 0.995,
        "ra": 100 + 0.001 * second,
        "dec": 10 + 0.0 * second,
        "roll": 30 + 0.0 * second,
        "flags": 0 * second,
    }
    n, numbers = len(eclipses), np.array(eclipses)
    boresight = {
        "eclipse": numbers,
        "leg": np.ones(n, int),
        "time": 7e8 + 6000.0 * numbers,
        "ra0": np.full(n, 100.03),
        "dec0": np.full(n, 10.0),
        "planned_ra": np.full(n, 100.0),
    }
    metadata = {"eclipse": numbers, "plan_type": [" MIS "] * n, "planned_legs": np.zeros(n)}
    return {
        "aspect": {name: column[order] for name, column in aspect.items()},
        "boresight": boresight,
        "metadata": metadata,
        "leg-aperture": {
            "eclipse": numbers,
            "leg": np.ones(n, int),
            **{name: [FIELD] * n for name in ("partial", "full_400", "full_370", "full_350")},
        },
    }


def write(folder: Path, tables: Tables) -> Path:
    folder.mkdir(exist_ok=True)
    for name, columns in tables.items():
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
    return folder


def state(archive: Archive) -> dict[str, Any]:
    """Return everything that an import may change."""
    files = archive.paths.pointing.rglob("*") if archive.paths.pointing.exists() else ()
    return {
        "files": {file: file.read_bytes() for file in files if file.is_file()},
        "eclipses": archive.query("FROM eclipses ORDER BY ALL").rows(),
        "boresights": archive.query("FROM boresights ORDER BY ALL").rows(),
        "staging": list(archive.paths.staging.glob("*")),
    }


def column(archive: Archive, table: str, name: str) -> list[Any]:
    read = pq.read_table(archive.paths.consolidated / f"{table}.parquet", partitioning=None)
    return list(read[name].to_pylist())


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PointingImport]:
    """An archive that knows three visits, not to be changed, and how it came to know them."""
    folder = tmp_path_factory.mktemp("imported")
    with Archive(folder / "archive") as archive:
        done = archive.import_pointing(write(folder / "first", tables_of(700, 300, 500)))
    return folder / "archive", done


@pytest.fixture
def imported(first: tuple[Path, PointingImport]) -> PointingImport:
    """What was imported into the `archive` of a test that asks for this."""
    return first[1]


@pytest.fixture(scope="module")
def unchanged(first: tuple[Path, PointingImport]) -> Iterator[Archive]:
    """The `first`, open for tests that leave it as it is."""
    with Archive(first[0]) as archive:
        yield archive


@pytest.fixture
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """An archive of the test: a copy of the `first` for those that ask for `imported`, or none."""
    root = tmp_path / "archive"
    if "imported" in request.fixturenames:
        shutil.copytree(request.getfixturevalue("first")[0], root)
    with Archive(root) as opened:
        yield opened


def test_states_alone_are_noted_and_an_ingest_finds_its_pointing_in_tables(
    archive: Archive, nuv: Sources
) -> None:
    assert archive.import_pointing(nuv.pointing).n_visits == 1
    assert archive.search(323.5, -2.0, bands="NUV")["plan_type"].tolist() == ["MIS"]
    assert not archive.paths.pointing.exists()
    archive.import_pointing(nuv.pointing.parent / "tables")
    report = archive.ingest(nuv.eclipse, nuv.band, raw6=nuv.raw6, calibration=nuv.calibration)
    assert [leg.pointing_source for leg in report.legs] == ["consolidated"] * 2
    assert report.n_unflagged > 0


def test_they_are_sorted_and_complete_and_their_visits_known(
    unchanged: Archive, imported: PointingImport
) -> None:
    assert {t.name: (t.n_rows, t.n_left_out, t.n_eclipses) for t in imported.tables} == {
        "aspect": (180, 0, 3),
        "boresight": (3, 0, 3),
        "metadata": (3, 0, 3),
        "leg-aperture": (3, 0, 3),
    }
    both = (column(unchanged, "aspect", name) for name in ("eclipse", "time"))
    key = list(zip(*both, strict=True))
    assert key == sorted(key)
    assert column(unchanged, "leg-aperture", "partial") == [FIELD] * 3
    (leg,) = read_pointing(unchanged.paths.pointing, 500).legs
    assert leg.aspect.ra.tolist() == pytest.approx((100 + 0.001 * np.arange(60)).tolist())
    assert leg.boresight.ra0 == 100.03
    found = unchanged.find(100.5, 10.2, bands="NUV")
    assert found["eclipse"].tolist() == [300, 500, 700]
    assert imported.n_visits == 3
    assert unchanged.query("SELECT DISTINCT plan_type, planned_legs FROM eclipses").rows() == [
        {"plan_type": "MIS", "planned_legs": 1}
    ]


def test_rows_that_say_nothing_are_left_out_and_older_tables_are_understood(
    archive: Archive, tmp_path: Path
) -> None:
    tables = tables_of(300, 500)
    tables["aspect"]["ra"][:2] = nan
    tables["aspect"]["dec"][2] = 91
    tables["aspect"]["time"][3] = nan
    tables["boresight"]["dec0"][0] = -91
    tables["boresight"]["time"][1] = nan
    found = {t.name: t for t in archive.import_pointing(write(tmp_path / "bad", tables)).tables}
    assert (found["aspect"].n_rows, found["aspect"].n_left_out) == (116, 4)
    assert (found["boresight"].n_rows, found["boresight"].n_left_out) == (1, 1)
    assert column(archive, "boresight", "ra0") == [None]
    assert archive.query("FROM boresights").rows() == []
    tables = tables_of(300)
    aspect, boresight = tables.pop("aspect"), tables.pop("boresight")
    aspect["t"], aspect["status_flag"] = aspect.pop("time"), aspect.pop("flags")
    boresight["TIME_START"], boresight["leg_number"] = boresight.pop("time"), boresight.pop("leg")
    tables |= {"aspect_v2": aspect | {"surplus": ["x"] * 60}, "boresight2": boresight}
    done = archive.import_pointing(write(tmp_path / "old", tables))
    assert [t.name for t in done.tables] == ["aspect", "boresight", "metadata", "leg-aperture"]
    assert len(read_pointing(archive.paths.pointing, 300).legs[0].aspect) == 60


def test_a_second_import_takes_the_place_of_the_first_after_one_that_died(
    archive: Archive, imported: PointingImport, tmp_path: Path
) -> None:
    """The other one died while it put the folder in place, and harms nobody."""
    consolidated = archive.paths.consolidated
    consolidated.rename(consolidated.with_name("consolidated.old"))
    assert read_pointing(archive.paths.pointing, 500).source == "consolidated"
    tables = tables_of(900)
    del tables["leg-aperture"]
    done = archive.import_pointing(write(tmp_path / "second", tables))
    assert done.kept == ("leg-aperture",)
    assert set(column(archive, "aspect", "eclipse")) == {900}
    assert column(archive, "leg-aperture", "eclipse") == [300, 500, 700]
    assert not list(archive.paths.pointing.glob("*.old"))


def _without(table: str, name: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / f"{table}.parquet"
        pq.write_table(pq.read_table(path, partitioning=None).drop_columns([name]), path)

    return spoil


def _with(table: str, name: str, value: Any) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / f"{table}.parquet"
        read = pq.read_table(path, partitioning=None)
        new = pa.array([value] * read.num_rows)
        pq.write_table(read.set_column(read.column_names.index(name), name, new), path)

    return spoil


def _cut(folder: Path) -> None:
    path = folder / "aspect.parquet"
    path.write_bytes(path.read_bytes()[:-200])


def _overwritten(folder: Path) -> None:
    """Spoil the data, but not the footer, by which the file is opened."""
    path = folder / "aspect.parquet"
    content = bytearray(path.read_bytes())
    content[4:400] = b"\xff" * 396
    path.write_bytes(content)


def _twice(folder: Path) -> None:
    path = folder / "metadata.parquet"
    read = pq.read_table(path, partitioning=None)
    other = read.set_column(1, "plan_type", pa.array(["AIS"] * read.num_rows))
    pq.write_table(pa.concat_tables([read, other]), path)


def _emptied(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_without("aspect", "ra"), r"aspect.parquet: column\(s\) missing: ra"),
        (_without("aspect", "flags"), r"column\(s\) missing: flags \(or hvnom_nuv and hvnom_fuv\)"),
        (_without("boresight", "time"), r"boresight.parquet: column\(s\) missing: start or time"),
        (_with("aspect", "dec", "x"), "column dec does not hold numbers"),
        (_with("aspect", "ra", nan), "none of its 60 rows is usable"),
        (_cut, "aspect.parquet: cannot be read as Parquet"),
        (_overwritten, "aspect.parquet: cannot be read as Parquet"),
        (_twice, "2 rows of eclipse 900"),
        (_emptied, "holds none of the consolidated tables aspect, boresight"),
    ],
)
def test_a_failed_import_leaves_what_was(
    spoil: Callable[[Path], None], message: str, unchanged: Archive, tmp_path: Path
) -> None:
    before = state(unchanged)
    folder = write(tmp_path / "second", tables_of(900))
    spoil(folder)
    with pytest.raises(PointingError, match=message):
        unchanged.import_pointing(folder)
    assert state(unchanged) == before


def test_so_does_one_that_cannot_commit(unchanged: Archive, tmp_path: Path) -> None:
    before = state(unchanged)
    log = unchanged.paths.catalogue.with_name("gphoton.duckdb.wal")
    log.write_bytes(b"of a shell that is changing the catalogue")
    with pytest.raises(ArchiveError, match="a DuckDB shell"):
        unchanged.import_pointing(write(tmp_path / "second", tables_of(900)))
    log.unlink()
    assert state(unchanged) == before


def test_a_folder_that_is_not_there_is_an_error(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(GPhotonError, match="cannot be searched"):
        archive.import_pointing(tmp_path / "nowhere")


def test_the_command_says_what_it_did(cli: Cli, tmp_path: Path) -> None:
    tables = tables_of(300, 500)
    tables["aspect"]["ra"][0] = nan
    command = ("--archive", tmp_path / "archive", "pointing", "import")
    done = cli(*command, write(tmp_path / "tables", tables))
    assert done.code == 0
    assert "aspect: 119 rows of 2 eclipses, 1 left out" in done.out
    assert "2 visits are known by them" in done.out
    report = json.loads(cli(*command, tmp_path / "tables", "--json").out)
    assert (report["n_visits"], report["tables"][0]["n_rows"]) == (2, 119)
    failed = cli(*command, tmp_path)
    assert (failed.code, failed.err.splitlines()[-1][:7]) == (1, "error: ")
