"""The files of thousands of legs: hard links of a template's, or copies with their own content."""

import errno
import hashlib
import io
import shutil
import sys
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from numba import njit  # noqa: E402

from benchmarks.mission_rows import FILE_KINDS, Placed, Tables  # noqa: E402
from benchmarks.mission_templates import Floats, Integers, moved  # noqa: E402
from gphoton_db.aspect.pointing import VisitMetadata  # noqa: E402
from gphoton_db.catalogue.coverage import CoverageRecord  # noqa: E402
from gphoton_db.catalogue.records import (  # noqa: E402
    CalibrationFileRecord,
    FileRecord,
    IngestRecord,
    LegRecord,
)
from gphoton_db.ingest.kernels.healpix import cell_of  # noqa: E402
from gphoton_db.ingest.leg_files import MANIFEST_KEY  # noqa: E402
from gphoton_db.ingest.photons import parquet_settings  # noqa: E402
from gphoton_db.intake.manifest import Manifest  # noqa: E402
from gphoton_db.schemas import OUTLINES_KEY, PHOTONS  # noqa: E402
from gphoton_db.system.seal import unseal  # noqa: E402

GRID = 2.0**20
"""Stored positions are whole multiples of 1/GRID deg, as an ingest rounds them."""

SMALL_FILE = {"compression": "zstd", "use_dictionary": False, "store_schema": False}

SETTINGS: dict[str, dict[str, Any]] = {
    "photons": parquet_settings(),
    "aspect": SMALL_FILE,
    "seconds": SMALL_FILE,
    "ticks": SMALL_FILE,
}
"""How each kind of file is written."""


def link_files(root: Path, legs: Placed, kinds: Sequence[str]) -> None:
    """Give each leg links to the files of the template."""
    for kind in kinds:
        # A file may not have more than some 65,000 links: then another copy takes over.
        source: Path | None = None
        spare = root / f"{kind}-{legs.kind}-{legs.band}"
        for name in legs.paths(kind):
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source is None:
                shutil.copyfile(legs.template.path(kind), spare)
                unseal(spare)  # it stands for many legs
                source = spare.rename(target)
                continue
            try:
                target.hardlink_to(source)
            except OSError as error:
                if error.errno not in (errno.EMLINK, errno.EXDEV):
                    raise
                shutil.copyfile(source, spare)
                source = spare.rename(target)


def write_own_files(root: Path, legs: Placed, tables: Tables, kinds: Sequence[str]) -> Tables:
    """Write copies of the template's files that are each leg's own, and return their rows.

    Photons and aspect are turned to the leg's boresight, all times are moved to its own, and the
    ticks hold its manifest.  Files of kinds that are not asked for stay what they are.
    """
    n = len(legs)
    rows = tables["legs"].to_pylist()
    files = {
        kind: tables["leg_files"].slice(k * n, n).to_pylist() for k, kind in enumerate(FILE_KINDS)
    }
    turn = cache(partial(_turned_files, legs, tuple(kinds)))
    ticks, seconds = _read(legs, "ticks"), _read(legs, "seconds")
    coverage = tables["coverage"].to_pylist() if "ticks" in kinds else []
    ingests = {row["eclipse"]: row for row in tables["ingests"].to_pylist()}
    for k, leg in enumerate(rows):
        own = {kind: files[kind][k] for kind in files}
        shift_ms = int(legs.shift_ms[k])
        turned, bounds = turn(leg["ra0"], leg["dec0"])
        own["photons"] |= bounds
        for kind, table in turned.items():
            _store(root, own[kind], _shifted(table, shift_ms), SETTINGS[kind])
        if "photons" in turned:
            leg["size_bytes"] = own["photons"]["size_bytes"]
            digest = hashlib.sha256(f"{own['photons']['sha256']}\n".encode())
            leg["sha256"] = digest.hexdigest()
        if "seconds" in kinds:
            _store(root, own["seconds"], _shifted(seconds, shift_ms), SETTINGS["seconds"])
        if "ticks" in kinds:
            manifest = _manifest(leg, own, ingests[leg["eclipse"]], legs)
            table = _shifted(ticks, shift_ms)
            outlines = CoverageRecord(**coverage[k]).to_text()
            metadata = {MANIFEST_KEY: manifest, OUTLINES_KEY: outlines}
            _store(root, own["ticks"], table, SETTINGS["ticks"], metadata)
    listed = [row for kind in files for row in files[kind]]
    return {
        **tables,
        "legs": pa.Table.from_pylist(rows, tables["legs"].schema),
        "leg_files": pa.Table.from_pylist(listed, tables["leg_files"].schema),
    }


def _turned_files(
    legs: Placed, kinds: tuple[str, ...], ra0: float, dec0: float
) -> tuple[dict[str, pa.Table], dict[str, Any]]:
    """Return photons and aspect at a boresight, and the bounds of the photons."""
    tables, bounds = {}, dict[str, Any]()
    if "aspect" in kinds:
        tables["aspect"] = _turned(_read(legs, "aspect"), legs, ra0, dec0)
    if "photons" in kinds:
        photons, bounds = _in_order(_turned(_read(legs, "photons"), legs, ra0, dec0))
        tables["photons"] = photons
    return tables, bounds


@cache
def _read_once(path: Path) -> pa.Table:
    return pq.read_table(path, partitioning=None)


def _read(legs: Placed, kind: str) -> pa.Table:
    return _read_once(legs.template.path(kind))


def _manifest(
    leg: dict[str, Any], files: dict[str, dict[str, Any]], ingest: dict[str, Any], legs: Placed
) -> str:
    return Manifest(
        LegRecord(**leg),
        tuple(FileRecord(**files[kind]) for kind in FILE_KINDS if kind != "ticks"),
        tuple(CalibrationFileRecord(**row) for row in legs.template.calibration),
        VisitMetadata(int(leg["eclipse"])),
        IngestRecord(**ingest),
    ).to_json()


def _store(
    root: Path,
    row: dict[str, Any],
    table: pa.Table,
    settings: dict[str, Any],
    metadata: dict[bytes, str] | None = None,
) -> None:
    """Write a file, and put its size and checksum into its row."""
    content = io.BytesIO()
    with pq.ParquetWriter(content, table.schema, **settings) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(metadata or {})
    data = content.getvalue()
    path = root / str(row["path"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    row["size_bytes"], row["sha256"] = len(data), hashlib.sha256(data).hexdigest()


def _shifted(table: pa.Table, shift_ms: int) -> pa.Table:
    place = table.schema.get_field_index("t_ms")
    times = pa.array(table["t_ms"].to_numpy() + shift_ms)
    return table.set_column(place, table.schema.field(place), times)


def _turned(table: pa.Table, legs: Placed, ra0: float, dec0: float) -> pa.Table:
    """Return rows with their positions turned to another boresight; NULL stays NULL."""
    known = table["ra"].is_valid().to_numpy()
    ra, dec = (table[name].to_numpy().astype(np.float64) for name in ("ra", "dec"))
    there = moved(ra, dec, legs.template, np.array([ra0]), np.array([dec0]))
    for name, own in zip(("ra", "dec"), there, strict=True):
        values = own[0] if "roll" in table.column_names else np.round(own[0] * GRID) / GRID
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(place), pa.array(values, mask=~known))
    return table


def _in_order(photons: pa.Table) -> tuple[pa.Table, dict[str, Any]]:
    """Return photons in the order of their cells and times, and the bounds of those with one."""
    known = photons["ra"].is_valid().to_numpy()
    ra, dec = (np.nan_to_num(photons[name].to_numpy()) for name in ("ra", "dec"))
    cell = np.where(known, _cells(ra, dec), -1)
    place = photons.schema.get_field_index("cell")
    photons = photons.set_column(place, PHOTONS.field("cell"), pa.array(cell, pa.int32()))
    last = np.where(known, cell, np.iinfo(np.int64).max)
    photons = photons.take(pa.array(np.lexsort((photons["t_ms"].to_numpy(), last))))
    ra, dec, cell = ra[known], dec[known], cell[known]
    bounds = {"cell_min": cell.min(), "cell_max": cell.max()}
    bounds |= {"ra_min": ra.min(), "ra_max": ra.max(), "dec_min": dec.min(), "dec_max": dec.max()}
    return photons, {name: value.item() for name, value in bounds.items()}


@njit(cache=True)
def _cells(ra: Floats, dec: Floats) -> Integers:
    found = np.empty(len(ra), np.int64)
    for k in range(len(ra)):
        z, s = np.sin(np.radians(dec[k])), np.cos(np.radians(dec[k]))
        found[k] = cell_of(z, s, np.radians(ra[k]))
    return found
