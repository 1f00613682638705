"""Files of the photons around a position, written block by block where the format can."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gphoton_db.products.fits.files import being_written
from gphoton_db.products.photons.events import EventQuery, event_blocks, find_events_of
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.registry import register
from gphoton_db.products.table_blocks import IN_BLOCKS
from gphoton_db.products.tables import format_of, parameters_of, write_registered


@dataclass(frozen=True)
class WrittenEvents:
    """A file of the photons around a position, and what it says of how they were chosen."""

    path: Path
    meta: dict[str, Any]


def write_events(
    archive: ArchiveReader, query: EventQuery, path: str | Path, name: str | None = None
) -> WrittenEvents:
    """Write the photons that a query yields to a file, which is replaced; see `Archive.events`.

    Parameters
    ----------
    archive : ArchiveReader
        Holds the photons; the file is entered into its products.
    query : EventQuery
        Which photons.
    path : path
        The file.
    name : str, optional
        Of `tables.FORMATS`; None: by the ending.  Parquet and CSV are written in blocks, others
        as a whole.

    Raises
    ------
    ProductError
        If there is no such format, or the file cannot be written; nothing is left then.
    """
    path = Path(path).expanduser()
    chosen = format_of(path, name)
    if chosen not in IN_BLOCKS:
        write_registered(archive, find_events_of(archive, query), path, chosen)
    else:
        with being_written(path) as temporary:
            IN_BLOCKS[chosen](event_blocks(archive, query), temporary)
        register(archive.catalogue, [path], kind="events", parameters=parameters_of(query.meta))
    return WrittenEvents(path, query.meta)
