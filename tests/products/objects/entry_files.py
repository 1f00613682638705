"""Catalogue entries of visits that are put into an archive as they are."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gphoton_db.archive import Archive
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.source_files import description
from gphoton_db.catalogue.sources import SourceFileRecord, source_file
from gphoton_db.mission import Band
from gphoton_db.schemas import OF_SOURCES


def keep_entries(
    archive: Archive, eclipse: int, ra: Any, dec: Any, name: str = "a", **columns: Any
) -> None:
    """Keep entries of leg 0 of an eclipse, detected in NUV, in the place of those of before."""
    n = len(ra)
    values: dict[str, Any] = {
        "source_id": [f"{eclipse}_0_{k}_n" for k in range(1, n + 1)],
        "source": np.arange(1, n + 1),
        "ra": np.asarray(ra, float),
        "dec": np.asarray(dec, float),
        "ra_err": np.full(n, 0.5),
        "dec_err": np.full(n, 0.5),
        "bands": ["NUV"] * n,
        "nuv_source": np.arange(1, n + 1),
        "nuv_exposure": np.full(n, 50.0),
        "nuv_cps_bgsub": np.full(n, 2.0),
        "nuv_cps_bgsub_err": np.full(n, 0.2),
        **columns,
    }
    _store(archive, eclipse, "entries", "entries", values, n, name)


def keep_detections(archive: Archive, eclipse: int, ra: Any, dec: Any) -> None:
    """Keep where NUV detected the sources."""
    n = len(ra)
    values = {"catalog": ["detected"] * n, "source": np.arange(1, n + 1), "ra": ra, "dec": dec}
    _store(archive, eclipse, "sources", "detected", values, n, "d")


def _store(
    archive: Archive,
    eclipse: int,
    kind: str,
    catalog: str,
    values: Mapping[str, Any],
    n: int,
    name: str,
) -> None:
    (leg,) = [leg for leg in archive.legs(eclipse) if leg.band == "NUV"]
    path = source_file(kind, Band.NUV, eclipse, 0, f"{catalog}-{name}")
    record = SourceFileRecord(
        *(eclipse, "NUV", 0, leg.generation, kind, catalog, None, None, path, n, name)
    )
    rows = pa.Table.from_arrays(
        [
            pa.array(values[field.name], from_pandas=True).cast(field.type)
            if field.name in values
            else pa.nulls(n, field.type)
            for field in OF_SOURCES[kind]
        ],
        schema=OF_SOURCES[kind].with_metadata(description(record)),
    )
    file = archive.paths.root / "entries-to-be"
    pq.write_table(rows, file)
    Catalogue(archive.paths).add_source_files([(record, file)])


def star_places(n: int, seed: int = 1) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return stars in the field of the overlapping visits, deg, none near to another."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(n)))
    east, north = (axis.ravel()[:n] for axis in np.meshgrid(np.arange(side), np.arange(side)))
    grid = np.stack([east, north]) / side * 0.4 - 0.2 + rng.uniform(0, 0.1 / side, (2, n))
    return grid[0], grid[1]
