"""Light curves of a list of positions as nested rows: a row a position, its bins in one column."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gphoton_db.errors import ProductError
from gphoton_db.products.apertures.sums import Measurement
from gphoton_db.products.apertures.targets import Targets
from gphoton_db.products.apertures.work import KERNELS
from gphoton_db.products.hats.rows import Block, Opened
from gphoton_db.products.hats.tables import Rows
from gphoton_db.products.lightcurves.many import blocks_of, plan_of
from gphoton_db.products.lightcurves.parts import Part, parts_of
from gphoton_db.products.reader import ArchiveReader

if TYPE_CHECKING:
    from astropy.table import QTable

OF_POSITIONS = ("position", "ra", "dec", "position_flags")
"""Columns of a position; all others are of its bins."""

NESTED = "lightcurve"
"""The column of the bins."""


@dataclass(frozen=True, eq=False)
class CurvesOfPart(Block):
    """The light curves of some positions of a list."""

    at_hand: ClassVar[bool] = True

    part: Part

    def opened(self, archive: ArchiveReader) -> Opened:
        """Return what measures them."""
        known = np.isfinite(self.part.targets.ra)
        targets = self.part.targets.take(np.flatnonzero(known))
        positions = pa.table({"ra": targets.ra % 360.0, "dec": targets.dec})

        def rows() -> Iterator[pa.Table]:
            return map(nested, blocks_of(archive, self.part.plan(archive)))

        return Opened(self, lambda: iter([positions]), rows)

    def with_threads(self, threads: int) -> "CurvesOfPart":
        """Return the same, measured by so many threads."""
        return replace(self, part=self.part.with_threads(threads))


def light_curves(
    archive: ArchiveReader, targets: Targets, how: Measurement, *, mask_sources: bool
) -> Rows:
    """Return the light curves of positions, as `Archive.lightcurves` measures them.

    Raises
    ------
    ProductError
        If no position of the list is one.
    """
    plan = plan_of(archive, targets, how, mask_sources=mask_sources)
    if not np.isfinite(targets.ra).any():
        raise ProductError("the list has no position: nothing is exported")
    blocks = [
        CurvesOfPart(part.name, part.state, part)
        for part in parts_of(archive, plan, mask_sources=mask_sources)
        if np.isfinite(part.targets.ra).any()
    ]
    # Each takes all threads, and the one connection.
    return Rows("lightcurves", "object", blocks, KERNELS, at_once=1)


def nested(block: "QTable") -> pa.Table:
    """Return a row for each position that is one, with the bins of its light curve in lists."""
    position = np.asarray(block["position"])
    edges = np.flatnonzero(np.diff(position, prepend=-1, append=-1))
    first = edges[:-1]
    # A position without a light curve has one row, whose band is empty.
    seen = np.asarray(block["band"]) != ""
    lists, ends = [], np.cumsum([0, *(int(seen[a:b].sum()) for a, b in pairwise(edges.tolist()))])
    names = [name for name in block.colnames if name not in OF_POSITIONS]
    for name in names:
        values = _plain(block, name)[seen]
        lists.append(
            pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(values, from_pandas=True))
        )
    columns = {name: pa.array(_plain(block, name)[first]) for name in OF_POSITIONS}
    table = pa.table({**columns, NESTED: pa.StructArray.from_arrays(lists, names)})
    return table.filter(pa.array(np.isfinite(_plain(block, "ra")[first])))


def _plain(block: "QTable", name: str) -> NDArray[Any]:
    column = block[name]
    return np.asarray(column.value if hasattr(column, "unit") and column.unit else column)
