"""Files of the photons around a position, written block by block where the format can."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gphoton_db.products.photons.events import EventQuery, event_blocks, find_events_of
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.table_blocks import write_registered_blocks
from gphoton_db.products.tables import format_of


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
    write_registered_blocks(
        archive,
        path,
        format_of(path, name),
        whole=partial(find_events_of, archive, query),
        blocks=partial(event_blocks, archive, query),
        kind="events",
        meta=query.meta,
    )
    return WrittenEvents(path, query.meta)
