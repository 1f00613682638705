"""Whose variability is measured: the catalogue entries of a leg, or a list of positions."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.arrow_columns import values_of
from gphoton_db.catalogue.sources import ENTRIES
from gphoton_db.products.apertures.targets import Targets
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sources.catalog import source_catalog
from gphoton_db.products.sources.store import positions_digest


@dataclass(frozen=True, eq=False)
class VariableSources:
    """Sources of a leg.

    Parameters
    ----------
    catalog : str
        Name of the list.
    source : (n,) int64
        Number of each in it.
    source_id : list of str
        Name of each.
    targets : Targets
        Where they are; NaN: nowhere.
    """

    catalog: str
    source: NDArray[np.int64]
    source_id: list[str]
    targets: Targets

    def __len__(self) -> int:
        return len(self.source)

    @property
    def digest(self) -> str:
        """Hash of the positions, as that of catalogue entries."""
        targets = self.targets
        return positions_digest({"source": self.source, "ra": targets.ra, "dec": targets.dec})


def entries_of_leg(archive: ArchiveReader, eclipse: int, leg: int) -> VariableSources:
    """Return the catalogue entries of a leg; none, if it has no catalogue."""
    table = archive.arrow(
        "SELECT source_id, source, ra, dec FROM catalogue "
        f"WHERE eclipse = {int(eclipse)} AND leg = {int(leg)} ORDER BY source"
    )
    ra, dec = (values_of(table[name]).astype(np.float64) for name in ("ra", "dec"))
    source = values_of(table["source"]).astype(np.int64)
    return VariableSources(ENTRIES, source, table["source_id"].to_pylist(), Targets(ra, dec))


def listed_sources(catalog: Any, eclipse: int) -> VariableSources:
    """Return the positions of a list that are for an eclipse.

    Raises
    ------
    ProductError
        If it cannot be read, or has no positions.
    """
    found = source_catalog(catalog, eclipse=eclipse)
    names = [f"{found.name}_{row}" for row in found.row]
    return VariableSources(found.name, found.row.astype(np.int64), names, found.targets)
