"""What coverage-guided fuzzing calls: each reads some bytes, and may end in a clear error only."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from gphoton_db.aspect.pointing import Leg
from gphoton_db.aspect.read import read_pointing
from gphoton_db.aspect.wkb import read_polygon
from gphoton_db.ingest.raw6 import open_raw6
from gphoton_db.mission import Band
from gphoton_db.products.apertures.catalogs import read_positions
from gphoton_db.query.statement import is_complete, read_statement
from gphoton_db.simulate.attitude import fly
from gphoton_db.simulate.plan import LegPlan
from gphoton_db.simulate.pointing_files import asprta_files, scst_file
from tests.campaign.mission_files import ECLIPSE, START_MS
from tests.campaign.position_lists import list_files
from tests.ingest.telemetry_files import every_5_ms, write_telemetry

STATEMENTS = (
    "SELECT band, count(*) FROM photons GROUP BY ALL",
    "EXPLAIN ANALYZE (VERBOSE) FROM legs WHERE eclipse IN (1, 2) -- a remark",
    "WITH a AS (SELECT 1) SELECT * FROM a, lightcurve(323.5, -2, band := 'NUV') /* b */ ;",
    "COPY photons TO 'x'; ATTACH 'y'",
    "SELECT $$a;b$$, 'it''s', \"q\"\"x\", e'\\n', {a: 1}, [1, 2][1], lambda x: x",
    "PRAGMA database_list",
)


@dataclass(frozen=True)
class Target:
    """A reader, and right inputs to begin with.

    Parameters
    ----------
    read : callable
        Reads some bytes; it may write them to a file in the folder.
    seeds : callable
        Returns right inputs, given a folder to work in.
    """

    read: Callable[[bytes, Path], object]
    seeds: Callable[[Path], list[bytes]]


def read_raw6(content: bytes, folder: Path) -> object:
    """Read telemetry."""
    path = folder / "raw6.fits"
    path.write_bytes(content)
    with open_raw6(path, ECLIPSE, Band.NUV) as reader:
        return [len(block) for block in reader.blocks()]


def read_statement_text(content: bytes, _folder: Path) -> object:
    """Read a statement of SQL."""
    text = content.decode(errors="replace")
    return is_complete(text), read_statement(text)


def read_polygon_bytes(content: bytes, _folder: Path) -> object:
    """Read well-known binary."""
    return read_polygon(content)


def reader_of_pointing(name: str) -> Callable[[bytes, Path], object]:
    """Return what reads a visit's pointing from one file."""

    def read(content: bytes, folder: Path) -> object:
        (folder / name).write_bytes(content)
        return read_pointing(folder, ECLIPSE)

    return read


def reader_of_list(name: str) -> Callable[[bytes, Path], object]:
    """Return what reads a list of positions in one format."""

    def read(content: bytes, folder: Path) -> object:
        path = folder / name
        path.write_bytes(content)
        return read_positions(path)

    return read


def _raw6_seeds(folder: Path) -> list[bytes]:
    header = {"ECLIPSE": ECLIPSE, "BAND": 1}
    path = write_telemetry(folder / "seed.fits.gz", every_5_ms(20), header=header)
    return [gzip.decompress(path.read_bytes())]


def _regions(_folder: Path) -> list[bytes]:
    disc = shapely.Point(323.5, -2.0).buffer(0.6, quad_segs=3)
    return [shapely.to_wkb(disc), shapely.to_wkb(shapely.MultiPolygon([disc, disc]))]


def _statements(_folder: Path) -> list[bytes]:
    return [statement.encode() for statement in STATEMENTS]


def _legs() -> tuple[Leg, ...]:
    return fly([LegPlan(323.5, -2.0, duration=60)], START_MS)


def _asprta(_folder: Path) -> list[bytes]:
    return [gzip.decompress(each) for each in asprta_files(_legs(), ECLIPSE).values()]


def _scst(_folder: Path) -> list[bytes]:
    none = np.empty(0, np.int64)
    packed = scst_file(_legs(), missing_ms=none, eclipse=ECLIPSE, fuv_temperature=29.0)
    return [gzip.decompress(packed)]


def _lists(name: str) -> Target:
    return Target(reader_of_list(name), lambda _folder: [list_files()[name]])


TARGETS: dict[str, Target] = {
    "raw6": Target(read_raw6, _raw6_seeds),
    "asprta": Target(reader_of_pointing(f"e{ECLIPSE}-asprta.fits"), _asprta),
    "scst": Target(reader_of_pointing(f"e{ECLIPSE}-scst.fits"), _scst),
    "wkb": Target(read_polygon_bytes, _regions),
    "sql": Target(read_statement_text, _statements),
    **{
        name: _lists(name)
        for name in ("list.csv", "list.ecsv", "list.vot", "binary.vot", "list.fits", "list.parquet")
    },
}
