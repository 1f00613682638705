"""Photons of a leg to Parquet: in (cell, time) order, with response and mask, in a few files."""

import operator
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gphoton_db.calibration import CalibrationSet
from gphoton_db.ingest.files import WrittenFile, describe
from gphoton_db.ingest.kernels.columns import Grids, PhotonColumns, lay_out
from gphoton_db.ingest.kernels.ordering import order_by_cell
from gphoton_db.ingest.leg import LegPhotons, PixelRange
from gphoton_db.mission import RESPONSE_SCALE, Flag
from gphoton_db.schemas import PHOTONS
from gphoton_db.system.seal import empty_seal, seal

ROW_GROUP_PHOTONS = 40_960
"""A unit of pruning and of parallel reading.  A third of DuckDB's own: pages of 122,880 photons,
which are decompressed as a whole, make a small cone take half as long again."""

BATCH_PHOTONS = 12 * ROW_GROUP_PHOTONS
"""Photons that are sorted and encoded in one go; bounds memory."""

PART_PHOTONS = 5 * BATCH_PHOTONS
"""Photons after which a leg continues in another file: files are what is written in parallel."""

STORED_PRECISION = Grids(position=2.0**20, pixel=256.0, response_bits=12)
"""By default positions are within 1.7 mas of the computed ones, detector pixels within 1/256
(and in the same 1/256 of a pixel), responses within 1 part in 4,096."""

FULL_PRECISION = Grids(position=0.0, pixel=0.0, response_bits=0)

_DICTIONARY = ["q", "ya", "flags"]
_ENCODINGS = {
    "t_ms": "DELTA_BINARY_PACKED",
    "cell": "PLAIN",
    **dict.fromkeys(("ra", "dec", "col", "row", "response"), "BYTE_STREAM_SPLIT"),
}
# Nothing is left to compress in five random bits, in packed differences, and in a page of flags.
_COMPRESSION = {
    name: "none" if name in ("q", "ya", "t_ms", "flags") else "zstd" for name in PHOTONS.names
}
_LEVELS = {name: 1 for name, codec in _COMPRESSION.items() if codec == "zstd"} | {
    "ra": -1,
    "row": -1,
}
_STATISTICS = ["t_ms", "ra", "dec", "flags", "cell"]


@dataclass(frozen=True)
class PhotonFile:
    """One written part of a leg: a range of cells, photons without a position last.

    ``n_no_weight`` counts unflagged photons whose response is 0; ``n_ghost`` those in ghosts.
    ``bounds`` holds the photons that have a position; None where none has.
    """

    file: WrittenFile
    part: int
    n_photons: int
    n_no_weight: int
    n_ghost: int
    bounds: "PhotonBounds | None"


@dataclass(frozen=True)
class PhotonBounds:
    """Least and greatest HEALPix cell, right ascension (0 to 360 deg) and declination (deg)."""

    cell_min: int
    cell_max: int
    ra_min: float
    ra_max: float
    dec_min: float
    dec_max: float

    @classmethod
    def of(cls, columns: PhotonColumns) -> "PhotonBounds | None":
        """Return the bounds of photons in the order of their cells, those without one last."""
        n = int(np.count_nonzero(columns.cell >= 0))
        if not n:
            return None
        ra, dec = columns.ra[:n], columns.dec[:n]
        return cls(
            int(columns.cell[0]),
            int(columns.cell[n - 1]),
            float(ra.min()),
            float(ra.max()),
            float(dec.min()),
            float(dec.max()),
        )

    def __or__(self, other: "PhotonBounds") -> "PhotonBounds":
        """Return the bounds of both."""
        return PhotonBounds(
            min(self.cell_min, other.cell_min),
            max(self.cell_max, other.cell_max),
            min(self.ra_min, other.ra_min),
            max(self.ra_max, other.ra_max),
            min(self.dec_min, other.dec_min),
            max(self.dec_max, other.dec_max),
        )


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
    grids: Grids,
    name: str,
) -> PhotonFile:
    """Sort, finish and write the photons of one part of a leg; `name` is the archive's."""
    counts = Counter[str]()
    bounds: list[PhotonBounds] = []
    path.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(path, PHOTONS, **parquet_settings()) as writer:
        for batch in batches:
            photons = leg.read(*batch)
            columns = lay_out(
                photons,
                order_by_cell(photons),
                leg.origin_ms,
                calibration.flat,
                calibration.hotspot,
                RESPONSE_SCALE[calibration.band],
                grids,
            )
            size = _row_group_size(len(photons))
            writer.write_table(_table(columns), row_group_size=size)
            counts += _count(columns) + Counter(groups=-(-len(photons) // size))
            found = PhotonBounds.of(columns)
            bounds += [found] if found else []
        writer.add_key_value_metadata(empty_seal(name, counts["groups"], len(PHOTONS)))
    seal(path, name)
    return PhotonFile(
        describe(path),
        part,
        counts["photons"],
        counts["no_weight"],
        counts["ghost"],
        reduce(operator.or_, bounds) if bounds else None,
    )


def _row_group_size(n_photons: int) -> int:
    """Return into how many photons at a time a batch is divided, evenly."""
    return -(-n_photons // max(round(n_photons / ROW_GROUP_PHOTONS), 1))


def _count(columns: PhotonColumns) -> Counter[str]:
    no_weight = columns.known & (columns.response == 0) & (columns.flags == Flag.GOOD)
    return Counter(
        photons=len(columns.flags),
        no_weight=int(no_weight.sum()),
        ghost=int((columns.flags == Flag.GHOST).sum()),
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


def parquet_settings() -> dict[str, Any]:
    """Return how photons are encoded and compressed, as arguments of a `ParquetWriter`."""
    return {
        "compression": _COMPRESSION,
        "compression_level": _LEVELS,
        "use_dictionary": _DICTIONARY,
        "column_encoding": _ENCODINGS,
        "write_statistics": _STATISTICS,
        "store_schema": False,
        "write_page_checksum": True,  # for other readers: ours look at the seal
    }


def _table(columns: PhotonColumns) -> pa.Table:
    valid = {
        "ra": columns.cell >= 0,
        "dec": columns.cell >= 0,
        "response": columns.known,
        "mask": columns.known,
    }
    arrays = [
        _arrow(getattr(columns, field.name), field.type, valid.get(field.name)) for field in PHOTONS
    ]
    return pa.Table.from_arrays(arrays, schema=PHOTONS)


def _arrow(values: NDArray[Any], kind: pa.DataType, valid: NDArray[np.bool_] | None) -> pa.Array:
    """Wrap a column, without copying more than bits."""
    if pa.types.is_boolean(kind):
        values = np.packbits(values, bitorder="little")
    validity = None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little"))
    n = len(values) if valid is None else len(valid)
    return pa.Array.from_buffers(kind, n, [validity, pa.py_buffer(values)])
