"""What the catalogue says of thousands of legs at once: whole columns, not records one by one."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402

from benchmarks.mission_templates import (  # noqa: E402
    Floats,
    Integers,
    Template,
    half_width,
    moved_regions,
)
from gphoton_db.catalogue.catalogue import Catalogue  # noqa: E402
from gphoton_db.catalogue.file import locked  # noqa: E402
from gphoton_db.mission import Band  # noqa: E402
from gphoton_db.paths import (  # noqa: E402
    SEGMENTED,
    ArchivePaths,
    leg_file,
    leg_folder,
    photon_file,
)
from gphoton_db.simulate.mission_plan import PlannedVisit  # noqa: E402

Tables = dict[str, pa.Table]
"""Rows by the name of the catalogue's table."""

FILE_KINDS = ("photons", "aspect", "seconds", "ticks")
"""The files of a leg in the order in which they are written: the ticks have the manifest."""


@dataclass(frozen=True, eq=False)
class Placed:
    """Legs of one band that are copies of one template.

    Parameters
    ----------
    kind : str
        Of the template.
    eclipse, leg : (n,) int64
        Which they are.
    ra0, dec0 : (n,) float64
        Boresights, deg.
    start_ms : (n,) int64
        First aspect times.
    """

    kind: str
    band: Band
    template: Template
    eclipse: Integers
    leg: Integers
    ra0: Floats
    dec0: Floats
    start_ms: Integers

    def __len__(self) -> int:
        return len(self.eclipse)

    @property
    def shift_ms(self) -> Integers:
        """Return how much later than the template each is."""
        return self.start_ms - self.template.start_ms

    @property
    def generations(self) -> list[str]:
        """Return the name of each one's ingest: one of each band of an eclipse."""
        return [f"{2 * e + (self.band is Band.FUV):012x}" for e in self.eclipse.tolist()]

    def paths(self, kind: str) -> list[str]:
        """Return the name of each one's file of a kind."""
        legs = zip(self.eclipse.tolist(), self.leg.tolist(), self.generations, strict=True)
        if kind == "photons":
            return [photon_file(self.band, e, leg, name, 0) for e, leg, name in legs]
        return [leg_file(kind, self.band, e, leg, name) for e, leg, name in legs]


def tables_of(legs: Placed, *, own_outlines: bool) -> Tables:
    """Return the rows of legs, whose files are those of the template."""
    files = [_files(legs, kind) for kind in FILE_KINDS]
    return {
        "legs": _legs(legs),
        "leg_files": pa.concat_tables(files),
        "coverage": _coverage(legs, own_outlines=own_outlines),
        "shutter_gaps": _gaps(legs),
        "ingests": _ingests(legs),
        "calibration_files": pa.Table.from_pylist(legs.template.calibration),
    }


def enter(root: Path, parts: Sequence[Tables], plan: Sequence[PlannedVisit]) -> None:
    """Put rows into the catalogue of an archive that is empty.

    The rows are inserted as a commit inserts them, and what depends on them (index, views) is
    worked out anew.
    """
    paths = ArchivePaths(root)
    first = next(iter(parts))
    tables = {name: pa.concat_tables([part[name] for part in parts]) for name in first}
    tables["calibration_files"] = (
        tables["calibration_files"]
        .group_by(["calibration", "name", "size_bytes", "sha256", "directory"])
        .aggregate([])
    )
    with locked(paths), Catalogue(paths).changing(SEGMENTED, None) as connection:
        for name, rows in {**tables, **_visits(plan)}.items():
            connection.register("rows", rows)
            connection.execute(f"INSERT INTO {name} BY NAME FROM rows")
            connection.unregister("rows")
        connection.execute("UPDATE archive_info SET sql_version = NULL")


def _repeated(row: dict[str, Any], n: int, changes: dict[str, Any]) -> pa.Table:
    """Return a row so many times, some of its columns each its own."""
    one = pa.Table.from_pylist([row])
    indices = pa.array(np.zeros(n, np.int64))
    # A whole column at once; what is NULL in the template may have any type.
    return pa.table(
        {name: changes[name] if name in changes else one[name].take(indices) for name in row}
    )


def _key(legs: Placed) -> dict[str, Any]:
    return {"eclipse": legs.eclipse, "leg": legs.leg, "generation": legs.generations}


def _legs(legs: Placed) -> pa.Table:
    template, shift_s = legs.template, legs.shift_ms / 1000
    across = half_width(template.reach, legs.dec0)
    over_pole = across >= 180
    folders = [
        leg_folder("photons", legs.band, e, leg)
        for e, leg in zip(legs.eclipse.tolist(), legs.leg.tolist(), strict=True)
    ]
    row = template.leg
    return _repeated(
        row,
        len(legs),
        {
            **_key(legs),
            "ra0": legs.ra0,
            "dec0": legs.dec0,
            "ra_min": np.where(over_pole, 0.0, (legs.ra0 - across) % 360),
            "ra_max": np.where(over_pole, 360.0, (legs.ra0 + across) % 360),
            "dec_min": np.maximum(legs.dec0 + row["dec_min"] - row["dec0"], -90),
            "dec_max": np.minimum(legs.dec0 + row["dec_max"] - row["dec0"], 90),
            **{name: row[name] + shift_s for name in ("t0", "t1", "photon_t0", "photon_t1")},
            "path": folders,
        },
    )


def _files(legs: Placed, kind: str) -> pa.Table:
    """Return the files of a kind; bounds of photons are about each leg's own boresight."""
    row = legs.template.files[kind]
    changes = {name: value for name, value in _key(legs).items() if name != "generation"}
    changes["path"] = legs.paths(kind)
    if kind == "photons":
        reach = row["dec_max"] - legs.template.leg["dec0"]
        across = half_width(reach, legs.dec0)
        outside = (legs.ra0 - across < 0) | (legs.ra0 + across >= 360) | (across >= 180)
        changes |= {
            "ra_min": np.where(outside, 0.0, legs.ra0 - across),
            "ra_max": np.where(outside, 360.0, legs.ra0 + across),
            "dec_min": np.maximum(legs.dec0 - reach, -90.0),
            "dec_max": np.minimum(legs.dec0 + reach, 90.0),
        }
    else:
        # Of the type that the column has where it is known.
        changes |= dict.fromkeys(("cell_min", "cell_max"), pa.nulls(len(legs), pa.int64()))
        changes |= dict.fromkeys(
            ("ra_min", "ra_max", "dec_min", "dec_max"), pa.nulls(len(legs), pa.float64())
        )
    return _repeated(row, len(legs), changes)


def _coverage(legs: Placed, *, own_outlines: bool) -> pa.Table:
    changes = _key(legs)
    if own_outlines:
        regions = dict(moved_regions(legs.template, legs.ra0, legs.dec0))
        changes |= {name: pa.array(each, pa.binary()) for name, each in regions.items()}
    return _repeated(legs.template.coverage, len(legs), changes)


def _gaps(legs: Placed) -> pa.Table:
    parts = []
    for row in legs.template.gaps:
        moved = {
            name: pa.array(legs.shift_ms + row[name])
            if row[name] is not None
            else pa.nulls(len(legs), pa.int64())
            for name in ("t0_ms", "t1_ms")
        }
        parts.append(_repeated(row, len(legs), {**_key(legs), **moved}))
    return pa.concat_tables(parts)


def _ingests(legs: Placed) -> pa.Table:
    """Return a line of the log for each eclipse; its photons are those of all of its legs."""
    eclipse, n = np.unique(legs.eclipse, return_counts=True)
    first = [f"{2 * e + (legs.band is Band.FUV):012x}" for e in eclipse.tolist()]
    photons = n * legs.template.leg["n_photons"]
    changes = {"generation": first, "eclipse": eclipse, "n_photons": photons, "n_events": photons}
    return _repeated(legs.template.ingest, len(eclipse), changes)


def _visits(plan: Sequence[PlannedVisit]) -> Tables:
    """Return what was planned: a row for each eclipse, and one for each of its legs."""
    return {
        "eclipses": pa.table(
            {
                "eclipse": [visit.eclipse for visit in plan],
                "plan_type": [visit.survey.upper() for visit in plan],
                "visit": [visit.visit for visit in plan],
                "plan_id": [visit.target for visit in plan],
                "planned_legs": [len(visit.boresights) for visit in plan],
                "eclipse_start": [visit.start_ms / 1000 for visit in plan],
            }
        ),
        "boresights": pa.table(
            {
                "eclipse": [visit.eclipse for visit in plan for _ in visit.boresights],
                "leg": [leg for visit in plan for leg in range(len(visit.boresights))],
                "ra0": [ra for visit in plan for ra, _ in visit.boresights],
                "dec0": [dec for visit in plan for _, dec in visit.boresights],
            }
        ),
    }
