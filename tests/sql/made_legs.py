"""Catalogues of made-up legs anywhere, without their files, and what their index lists."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
from hypothesis import strategies as st

from gphoton_db.catalogue.definitions import ROOT_VARIABLE, table_statements
from gphoton_db.catalogue.finish import finish
from gphoton_db.catalogue.inserts import insert_records
from gphoton_db.catalogue.place_index import PART_NAME
from gphoton_db.catalogue.records import FileRecord, LegRecord
from gphoton_db.catalogue.segments import Loaded, load, make_temporary
from gphoton_db.catalogue.views import define_views
from gphoton_db.mission import Band
from gphoton_db.paths import SEGMENTED, leg_file, photon_file
from tests.examples import deep


def leg_at(
    eclipse: int, ra0: float, dec0: float, *, radius: float = 0.637, leg: int = 0
) -> LegRecord:
    band = "FUV" if eclipse % 3 == 0 else "NUV"
    return LegRecord(
        eclipse=eclipse, band=band, leg=leg, ra0=ra0, dec0=dec0, roll0=0.0, radius=radius,
        ra_min=0.0, ra_max=360.0, dec_min=-90.0, dec_max=90.0, t0=0.0, t1=1.0, good_fix_seconds=1.0,
        photon_t0=None if eclipse % 7 == 0 else 8e8 + eclipse, photon_t1=8e8 + eclipse + 1.005,
        raw_exposure=1.0, exposure=1.0, n_photons=1, n_unflagged=1, n_no_weight=0, n_ghost=0,
        stim_separation=1.0, separation_clamped=False, time_rounding=0.0, full_precision=False,
        pointing_source="asprta", calibration="made-up", software_version="0",
        generation=f"{eclipse:012x}", ingested_at=datetime(2026, 1, 1), path="", n_files=1,
        size_bytes=1, sha256="",
    )  # fmt: skip


POSITIONS = st.tuples(
    st.one_of(st.floats(-180, 360), st.sampled_from([-180.0, 0.0, 10.0, 359.9999999, 360.0])),
    st.one_of(st.floats(-90, 90), st.sampled_from([-90.0, -80.0, 0.0, 10.0, 89.99, 90.0])),
)
"""Right ascension and declination, deg: anywhere, and where things go wrong."""


def legs_everywhere(n: int) -> list[LegRecord]:
    """Return legs all over the sky, close at the poles and RA 0, some of large fields."""
    rng = np.random.default_rng(1)
    ra, dec = rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))
    north, south, meridian = n // 10, n * 3 // 20, n // 4
    dec[:north] = 90 - rng.uniform(0, 3, north)
    dec[north:south] = -90 + rng.uniform(0, 1, south - north)
    ra[south:meridian] = rng.normal(0, 1, meridian - south) % 360
    # Few blocks of eclipses: each is a file of every table.
    step = (24_000 if deep() else 6_000) // n
    return [
        leg_at(10 + step * k, float(ra[k]), float(dec[k]), radius=5.5 if k % 97 == 0 else 0.637)
        for k in range(n)
    ]


def files_of(leg: LegRecord) -> list[FileRecord]:
    """Return its files; every fifth has three parts, of which one has no positions."""
    band, key = Band(leg.band), (leg.eclipse, leg.band, leg.leg)
    files = [
        FileRecord(
            *key, kind, 0, leg_file(kind, band, leg.eclipse, leg.leg, leg.generation), 1, 1, ""
        )
        for kind in ("ticks", "aspect")
    ]
    for part in range(3 if leg.eclipse % 5 == 0 else 1):
        path = photon_file(band, leg.eclipse, leg.leg, leg.generation, part)
        file = FileRecord(*key, "photons", part, path, 1, 1, "")
        if part < 2:
            low, high = leg.dec0 - 0.9 + part * 0.9, leg.dec0 + part * 0.9
            file = replace(
                file, cell_min=0, cell_max=1, ra_min=0.0, ra_max=360.0, dec_min=low, dec_max=high
            )
        files.append(file)
    return files


def add(connection: duckdb.DuckDBPyConnection, legs: list[LegRecord]) -> None:
    insert_records(connection, "legs", legs)
    insert_records(connection, "leg_files", [file for leg in legs for file in files_of(leg)])


def remove(connection: duckdb.DuckDBPyConnection, eclipse: int, band: str) -> None:
    for table in ("legs", "leg_files"):
        connection.execute(f"DELETE FROM {table} WHERE eclipse = {eclipse} AND band = '{band}'")


def empty_catalogue(root: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection to a catalogue without legs, whose files are in `root`."""
    for name, content in _without_legs().items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    connection = duckdb.connect(str(root / "made.duckdb"))
    _begin(connection, root)
    return connection


@cache
def _without_legs() -> dict[str, bytes]:
    """Return the files of one: to define its views and macros takes half a second."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        with duckdb.connect(str(root / "made.duckdb")) as connection:
            for table, statement in table_statements().items():
                if table not in SEGMENTED:
                    connection.execute(statement)
            info = "INSERT INTO archive_info VALUES (5, '0', now()::TIMESTAMP, '', NULL)"
            connection.execute(info)
            _begin(connection, root)
        files = (path for path in root.rglob("*") if path.is_file())
        return {str(path.relative_to(root)): path.read_bytes() for path in files}


def _begin(connection: duckdb.DuckDBPyConnection, root: Path) -> None:
    connection.execute(f"SET VARIABLE {ROOT_VARIABLE} = '{root}'")
    make_temporary(connection, SEGMENTED)
    finish(connection, root, root, Loaded(SEGMENTED, {}))


@contextmanager
def changing(
    connection: duckdb.DuckDBPyConnection, bands: Collection[tuple[int, str]] | None = None
) -> Iterator[None]:
    """Let legs and their files be changed: those of some bands, or (None) all."""
    eclipses = None if bands is None else {eclipse for eclipse, _ in bands}
    root = root_of(connection)
    loaded = load(connection, root, ("legs", "leg_files"), eclipses)
    yield
    finish(connection, root, root, loaded, bands)


def root_of(connection: duckdb.DuckDBPyConnection) -> Path:
    ((root,),) = connection.execute(f"SELECT getvariable('{ROOT_VARIABLE}')").fetchall()
    return Path(root)


def update_all(connection: duckdb.DuckDBPyConnection) -> None:
    define_views(connection, root_of(connection), None)


def listed(connection: duckdb.DuckDBPyConnection, sql: str) -> list[list[str]]:
    ((legs,),) = connection.execute(f"SELECT {sql}").fetchall()
    return list(legs)


def chosen(connection: duckdb.DuckDBPyConnection, sql: str) -> list[list[str]]:
    """Return the legs that SQL names which another SQL expression makes."""
    ((text,),) = connection.execute(f"SELECT {sql}").fetchall()
    return listed(connection, text)


def texts(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the text of each part of the index, and what the parts are."""
    names = connection.execute(
        f"SELECT function_name FROM duckdb_functions() WHERE function_name ~ '{PART_NAME}'"
    ).fetchall()
    calls = [f"{name}()" for (name,) in names] + ["indexed_patches()", "indexed_eclipses()"]
    (row,) = connection.execute(f"SELECT {', '.join(calls)}").fetchall()
    return dict(zip(calls, row, strict=True))
