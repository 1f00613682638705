"""Where the mission archive has the files of an eclipse."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from gphoton_db.errors import ServiceError
from gphoton_db.ingest.mast.client import Client
from gphoton_db.ingest.mast.quoting import quoted
from gphoton_db.ingest.mast.service import Rows, query_rows
from gphoton_db.mission import Band

log = logging.getLogger(__name__)

_SCST = ("SCST", "BOTH")
"""What the service calls a spacecraft-state file; the second is a slip of its tables."""


@dataclass(frozen=True)
class FileLocations:
    """Addresses of the files of one eclipse.

    Parameters
    ----------
    raw6 : mapping of Band to str
        Telemetry, of the bands that have any.
    scst : str or None
        Spacecraft state.
    """

    eclipse: int
    raw6: Mapping[Band, str]
    scst: str | None

    def of_raw6(self, band: Band) -> str:
        """Return the address of a band's telemetry.

        Raises
        ------
        ServiceError
            If there is none.
        """
        if band not in self.raw6:
            has = ", ".join(self.raw6) or "none at all"
            raise ServiceError(
                f"the mission archive has no {band} telemetry of eclipse {self.eclipse} "
                f"(it has: {has})"
            )
        return self.raw6[band]


def find_files(client: Client, eclipse: int) -> FileLocations:
    """Ask the service where the files of an eclipse are.

    Raises
    ------
    ServiceError
        If it cannot be asked, or its answer has not the form of the protocol.
    """
    return locations_in(query_rows(client, f"spGetRawUrls {eclipse}"), eclipse)


def locations_in(rows: Rows, eclipse: int) -> FileLocations:
    """Return the locations that rows of ``spGetRawUrls`` name.

    Rows are ``[id, band, url]``.  The band may be padded with blanks; a file that is called
    ``.gz.gz`` is ``.gz``; of two addresses for one file the first one counts; other bands are
    passed over.

    Raises
    ------
    ServiceError
        If a row has another form.
    """
    found: dict[str, str] = {}
    for row in rows:
        if len(row) < 3 or not isinstance(row[1], str) or not isinstance(row[2], str):
            raise ServiceError(
                f"the mission archive's list of the files of eclipse {eclipse} has a row that is "
                f"not 'id, band, url': {quoted(row)}"
            )
        kind, url = row[1].strip().upper(), row[2].strip()
        if kind in _SCST:
            kind = _SCST[0]
        if url.endswith(".gz.gz"):
            url = url.removesuffix(".gz")
        if found.setdefault(kind, url) != url:
            log.info(
                "eclipse %d: two addresses for %s; %s is not used",
                eclipse,
                quoted(kind),
                quoted(url),
            )
    raw6 = {band: found[band] for band in Band if band in found}
    return FileLocations(eclipse, raw6, found.get(_SCST[0]))
