"""Visits reduced by the program, read back, and put beside the oracle's photons."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gphoton_db.aspect.pointing import Pointing
from gphoton_db.aspect.read import read_pointing
from gphoton_db.ingest.eclipse import (
    ReducedEclipse,
    ReducedLeg,
    ReductionOptions,
    reduce_eclipse,
)
from gphoton_db.mission import Band
from gphoton_db.simulate.visit import Visit
from tests.oracle.raw6 import read_raw6
from tests.oracle.reduction import Photons, reduce_visit
from tests.oracle.rules import OURS, Rules

EXACT = ReductionOptions(full_precision=True)
STORED = ReductionOptions()


@dataclass(frozen=True, eq=False)
class LegTable:
    """The photons of one leg as they were stored, in any order; positions NaN where null."""

    t_ms: NDArray[np.int64]
    ra: NDArray[np.float64]
    dec: NDArray[np.float64]
    col: NDArray[np.float32]
    row: NDArray[np.float32]
    response: NDArray[np.float32]
    q: NDArray[np.uint8]
    ya: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    cell: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.t_ms)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "LegTable":
        """Return the photons at `rows`."""
        return LegTable(*(column[rows] for column in vars(self).values()))

    def same_as(self, other: "LegTable") -> bool:
        """Return whether all photons are the same to the last bit, in the same order."""
        return all(
            a.tobytes() == b.tobytes()
            for a, b in zip(vars(self).values(), vars(other).values(), strict=True)
        )


@dataclass(frozen=True, eq=False)
class Comparison:
    """A visit, what the program made of it, and what the oracle did."""

    visit: Visit
    eclipse: ReducedEclipse
    oracle: tuple[Photons, ...]

    @cached_property
    def pairs(self) -> list[tuple[LegTable, Photons]]:
        """Return the photons of each leg twice, ours and the oracle's, in the file's order."""
        return [
            (in_file_order(leg_table(leg), photons), photons)
            for leg, photons in zip(self.eclipse.legs, self.oracle, strict=True)
        ]


def reduce_made_up(
    visit: Visit,
    output: Path,
    options: ReductionOptions = EXACT,
    *,
    pointing: Pointing | None = None,
    calibration: Path | None = None,
) -> ReducedEclipse:
    """Reduce a made-up visit with its own pointing and calibration, or with others."""
    return reduce_eclipse(
        visit.raw6,
        visit.eclipse,
        visit.band,
        pointing or read_pointing(visit.pointing, visit.eclipse),
        calibration or visit.calibration,
        output,
        options,
    )


def compare(
    visit: Visit, output: Path, options: ReductionOptions = EXACT, *, rules: Rules = OURS
) -> Comparison:
    """Reduce a made-up visit in both ways."""
    oracle = reduce_visit(
        read_raw6(visit.raw6),
        visit.legs,
        visit.calibration,
        fuv_temperature=visit.fuv_temperature if visit.band is Band.FUV else None,
        rules=rules,
    )
    return Comparison(visit, reduce_made_up(visit, output, options), oracle.legs)


def stored_table(leg: ReducedLeg) -> pa.Table:
    """Return the photon files of a leg, one after the other, as they are."""
    return pa.concat_tables([pq.read_table(part.file.path) for part in leg.files])


def leg_table(leg: ReducedLeg) -> LegTable:
    """Return the photons of a leg in the order of its files."""
    table = stored_table(leg)
    columns = dict(zip(table.column_names, table.columns, strict=True))
    columns["mask"] = columns["mask"].fill_null(False)
    return LegTable(**{name: column.to_numpy() for name, column in columns.items()})


def in_file_order(ours: LegTable, photons: Photons) -> LegTable:
    """Bring stored photons into the order of the oracle's, that of the raw6 file."""
    # What was measured tells the few photons of one 5 ms tick apart.
    stored = np.lexsort((ours.row, ours.col, ours.ya, ours.q, ours.t_ms))
    events = np.lexsort((photons.row, photons.col, photons.ya, photons.q, photons.time_ms))
    return ours.take(stored[np.argsort(events)])


def distance_arcsec(
    ra: NDArray[np.float64],
    dec: NDArray[np.float64],
    other_ra: NDArray[np.float64],
    other_dec: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the distance of close positions (deg) on the sky."""
    east = ((ra - other_ra + 180) % 360 - 180) * np.cos(np.radians(dec))
    return np.hypot(east, dec - other_dec) * 3600
