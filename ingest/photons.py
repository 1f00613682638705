"""Photons of a leg to Parquet: in (cell, time) order, with response and mask, in a few files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gphoton_db.calibration import CalibrationSet
from gphoton_db.ingest.files import WrittenFile, describe
from gphoton_db.ingest.kernels.healpix import CELL_ORDER
from gphoton_db.ingest.kernels.ordering import PIXEL_BITS, order_by_cell
from gphoton_db.ingest.kernels.reduction import Photons
from gphoton_db.ingest.kernels.response import respond
from gphoton_db.ingest.leg import LegPhotons
from gphoton_db.mission import RESPONSE_SCALE

ROW_GROUP_PHOTONS = 122_880
"""DuckDB's own row group: a unit of pruning and of parallel reading."""

BATCH_PHOTONS = 4 * ROW_GROUP_PHOTONS
"""Photons that are sorted and encoded in one go; bounds memory."""

PART_PHOTONS = 5 * BATCH_PHOTONS
"""Photons after which a leg continues in another file: files are what is written in parallel."""

POSITION_GRID = 2.0**20
"""Stored positions are multiples of 1/2^20 deg (off by at most 1.7 mas) ..."""

PIXEL_GRID = 2.0**10
"""... detector pixels are cut to multiples of 1/2^10 (never across a pixel of any image) ..."""

RESPONSE_GRID = 2.0**14
"""... and responses, about 1, to multiples of 1/2^14; unless full precision is asked for."""

_ENCODINGS = {
    "t_ms": "DELTA_BINARY_PACKED",
    "ra": "BYTE_STREAM_SPLIT",
    "dec": "BYTE_STREAM_SPLIT",
    "col": "BYTE_STREAM_SPLIT",
    "row": "BYTE_STREAM_SPLIT",
    "response": "BYTE_STREAM_SPLIT",
    "cell": "DELTA_BINARY_PACKED",
}
_DICTIONARY = ["q", "ya", "flags"]

SCHEMA = pa.schema(
    [
        pa.field("t_ms", pa.int64(), nullable=False),
        pa.field("ra", pa.float64()),
        pa.field("dec", pa.float64()),
        pa.field("col", pa.float32(), nullable=False),
        pa.field("row", pa.float32(), nullable=False),
        pa.field("response", pa.float32()),
        pa.field("q", pa.uint8(), nullable=False),
        pa.field("ya", pa.uint8(), nullable=False),
        pa.field("flags", pa.uint8(), nullable=False),
        pa.field("mask", pa.bool_()),
        pa.field("cell", pa.int32(), nullable=False),
    ]
)


@dataclass(frozen=True)
class PhotonFile:
    """One written part of a leg: a range of cells, -1 (no position) last."""

    file: WrittenFile
    part: int
    n_photons: int
    n_no_weight: int
    cell_min: int | None
    cell_max: int | None


PixelRange = tuple[int, int]


def plan_parts(leg: LegPhotons) -> list[list[PixelRange]]:
    """Divide the sorting pixels of a leg into files, and those into batches.

    A batch is a run of pixels with about `BATCH_PHOTONS` photons (more only where one pixel
    alone has more); the plan depends on the photons alone, not on the machine.
    """
    pixel, count = leg.pixel_counts()
    parts: list[list[PixelRange]] = []
    in_part = 0
    for first, stop in _runs(count, BATCH_PHOTONS):
        size = int(count[first:stop].sum())
        if not parts or in_part + size > PART_PHOTONS:
            parts.append([])
            in_part = 0
        parts[-1].append((int(pixel[first]), int(pixel[stop - 1])))
        in_part += size
    return parts


def write_part(
    leg: LegPhotons,
    part: int,
    batches: list[PixelRange],
    path: Path,
    calibration: CalibrationSet,
    *,
    full_precision: bool,
) -> PhotonFile:
    """Sort, finish and write the photons of one part of a leg."""
    n_photons = n_no_weight = 0
    cells: list[int] = []
    slots = np.zeros((12 << (2 * CELL_ORDER - PIXEL_BITS)) + 1, np.int32)
    with _writer(path) as writer:
        for first, last in batches:
            photons = leg.read(first, last)
            order = order_by_cell(photons.cell, slots)
            photons = Photons(*(column[order] for column in photons))
            table = _table(photons, leg.origin_ms, calibration, full_precision)
            n_groups = max(round(len(order) / ROW_GROUP_PHOTONS), 1)
            writer.write_table(table, row_group_size=-(-len(order) // n_groups))
            n_photons += len(order)
            n_no_weight += int(((photons.flags == 0) & (_response(table) == 0)).sum())
            placed = photons.cell[photons.cell >= 0]
            cells += [int(placed[0]), int(placed[-1])] if len(placed) else []
    return PhotonFile(
        describe(path),
        part,
        n_photons,
        n_no_weight,
        min(cells, default=None),
        max(cells, default=None),
    )


def _runs(count: NDArray[np.int64], limit: int) -> Iterator[tuple[int, int]]:
    """Cut a sequence into runs whose sums stay within `limit` where single values allow it."""
    start = total = 0
    for k, n in enumerate(count.tolist()):
        if k > start and total + n > limit:
            yield start, k
            start, total = k, 0
        total += n
    if len(count):
        yield start, len(count)


def _writer(path: Path) -> pq.ParquetWriter:
    path.parent.mkdir(parents=True, exist_ok=True)
    return pq.ParquetWriter(
        path,
        SCHEMA,
        compression="zstd",
        compression_level=1,
        use_dictionary=_DICTIONARY,
        column_encoding=_ENCODINGS,
        write_statistics=[name for name in SCHEMA.names if name not in ("response", "mask")],
        store_schema=False,
    )


def _table(
    photons: Photons, origin_ms: int, calibration: CalibrationSet, full_precision: bool
) -> pa.Table:
    t_ms = photons.offset_ms.astype(np.int64)
    t_ms += origin_ms
    response, mask, known = respond(
        t_ms,
        photons.col,
        photons.row,
        calibration.flat,
        calibration.hotspot,
        RESPONSE_SCALE[calibration.band],
    )
    ra, dec, col, row = photons.ra, photons.dec, photons.col, photons.row
    if not full_precision:
        ra = np.rint(ra * POSITION_GRID) / POSITION_GRID
        ra[ra >= 360.0] = 0.0
        dec = np.rint(dec * POSITION_GRID) / POSITION_GRID
        col = np.floor(col * np.float32(PIXEL_GRID)) / np.float32(PIXEL_GRID)
        row = np.floor(row * np.float32(PIXEL_GRID)) / np.float32(PIXEL_GRID)
        response = np.rint(response * np.float32(RESPONSE_GRID)) / np.float32(RESPONSE_GRID)
    no_position = photons.cell < 0
    columns = [
        pa.array(t_ms),
        pa.array(ra, mask=no_position),
        pa.array(dec, mask=no_position),
        pa.array(col),
        pa.array(row),
        pa.array(response, mask=~known),
        pa.array(photons.q),
        pa.array(photons.ya),
        pa.array(photons.flags),
        pa.array(mask, mask=~known),
        pa.array(photons.cell),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _response(table: pa.Table) -> NDArray[np.float32]:
    column = table.column("response").fill_null(np.nan)
    return np.asarray(column.to_numpy())
