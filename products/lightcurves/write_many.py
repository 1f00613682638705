"""Files of the light curves of many positions, written block by block where the format can."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gphoton_db.products.apertures.sums import Measurement
from gphoton_db.products.apertures.targets import Targets
from gphoton_db.products.lightcurves.many import blocks_of, plan_of, whole_table
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.table_blocks import write_registered_blocks
from gphoton_db.products.tables import format_of


@dataclass(frozen=True)
class WrittenLightCurves:
    """A file of the light curves of many positions: its name, its rows, and what it says."""

    path: Path
    n_rows: int
    meta: dict[str, Any]


def write_light_curves(
    archive: ArchiveReader,
    targets: Targets,
    how: Measurement,
    path: Path,
    name: str | None = None,
    *,
    mask_sources: bool,
) -> WrittenLightCurves:
    """Write the light curves of many positions to a file, which is replaced.

    The file is that of the one table of `many.light_curves`.

    Parameters
    ----------
    archive : ArchiveReader
        Holds the photons; the file is entered into its products.
    targets, how, mask_sources
        As for `many.light_curves`.
    path : Path
        The file.
    name : str, optional
        Of `tables.FORMATS`; None: by the ending.  Parquet and CSV are written in blocks, others
        as a whole.

    Raises
    ------
    ProductError
        If there is no such format, the file cannot be written (nothing is left then), or a format
        that is written as a whole would have more than `many.MOST_ROWS`.
    """
    chosen = format_of(path, name)
    plan = plan_of(archive, targets, how, mask_sources=mask_sources)
    write_registered_blocks(
        archive,
        path,
        chosen,
        whole=partial(whole_table, archive, plan),
        blocks=partial(blocks_of, archive, plan),
        kind="lightcurve",
        meta=plan.meta,
    )
    return WrittenLightCurves(path, plan.rows, plan.meta)
