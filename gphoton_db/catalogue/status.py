"""The status of an archive, from its catalogue alone: no other file is opened."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from gphoton_db.catalogue.records import LegRecord, leg_of
from gphoton_db.catalogue.session import reading_catalogue
from gphoton_db.errors import QueryError
from gphoton_db.mission import Band
from gphoton_db.query.plain_rows import plain_rows
from gphoton_db.query.sql_files import read_sql

NEWEST = 20
"""Legs that were ingested last, and failed ingests, that a status lists."""

FEW_ECLIPSES = 500
"""Whose legs are looked for in their own files; of more, all files are read."""


@dataclass(frozen=True)
class LegFilter:
    """Which legs a status is about; None: any.

    Parameters
    ----------
    eclipses : (first, last), optional
        Range of numbers, both included.
    band : Band, optional
        NUV or FUV.
    calibration : str, optional
        How the name of the calibration set begins; a failed ingest has none, and is listed
        whatever it is.
    since : datetime, optional
        Earliest ingest; UTC where it has no zone.

    Raises
    ------
    QueryError
        If the eclipses are not in order.
    """

    eclipses: tuple[int, int] | None = None
    band: Band | None = None
    calibration: str | None = None
    since: datetime | None = None

    def __post_init__(self) -> None:
        if self.eclipses and self.eclipses[0] > self.eclipses[1]:
            raise QueryError(
                "no eclipse lies from {} to {}: give the smaller number first".format(
                    *self.eclipses
                )
            )

    def values(self) -> dict[str, Any]:
        """Return the values of the parameters of the statements."""
        first, last = self.eclipses or (None, None)
        since = self.since
        if since is not None and since.tzinfo is not None:
            since = since.astimezone(UTC).replace(tzinfo=None)
        return {
            "first_eclipse": first,
            "last_eclipse": last,
            "band": self.band,
            "calibration": self.calibration,
            "since": since,
        }


ANY_LEG = LegFilter()
"""All legs."""


@dataclass(frozen=True)
class LegTotal:
    """Legs of one band and one calibration set, summed up; both are None for all legs together.

    Parameters
    ----------
    n_eclipses, n_legs
        How many there are.
    exposure
        Sum of the legs' exposures, seconds, corrected for dead time.
    n_photons, n_unflagged
        All photons, and those with flag 0.
    photon_bytes, size_bytes
        Size of the photon files; and with the tick and aspect files.
    """

    band: str | None
    calibration: str | None
    n_eclipses: int
    n_legs: int
    exposure: float
    n_photons: int
    n_unflagged: int
    photon_bytes: int
    size_bytes: int


@dataclass(frozen=True)
class KindSize:
    """The files of a kind: photons, ticks, aspect, or products that lie in the archive's folder."""

    kind: str
    n_files: int
    size_bytes: int


@dataclass(frozen=True)
class FailedIngest:
    """A band of an eclipse whose last ingest failed: when it began (UTC), and why it failed."""

    started_at: datetime
    eclipse: int
    band: str
    message: str


@dataclass(frozen=True)
class ArchiveStatus:
    """What is in an archive.

    Parameters
    ----------
    total : LegTotal
        Of all legs that were asked for.
    totals : tuple of LegTotal
        Of each band and calibration set.
    sizes : tuple of KindSize
        Of all files that are in the archive, whatever legs were asked for; the largest first.
    legs : tuple of LegRecord
        The newest first, or all by eclipse, band and leg.
    failed : tuple of FailedIngest
        The last ones that were asked for, in the order of time.
    n_failed : int
        How many there are.
    """

    total: LegTotal
    totals: tuple[LegTotal, ...]
    sizes: tuple[KindSize, ...]
    legs: tuple[LegRecord, ...]
    failed: tuple[FailedIngest, ...]
    n_failed: int


def archive_status(
    connection: duckdb.DuckDBPyConnection,
    wanted: LegFilter = ANY_LEG,
    *,
    newest: bool = True,
    limit: int | None = NEWEST,
) -> ArchiveStatus:
    """Sum up what is in an archive.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the catalogue.
    wanted : LegFilter
        Which legs.
    newest : bool
        Whether the newest legs are listed; if not, all by eclipse, band and leg.
    limit : int, optional
        Legs to list at the most, and failed ingests; None: all.

    Raises
    ------
    QueryError
        If `limit` is negative.
    """
    if limit is not None and limit < 0:
        raise QueryError(f"cannot list {limit} legs: give 0 or more")
    values = wanted.values()
    legs = _legs(connection, values | {"newest": newest, "limit": limit})
    total, *totals = _rows(connection, "queries/archive_totals", values)
    del values["calibration"]
    failed = _rows(connection, "queries/failed_ingests", values)
    shown = failed if limit is None else failed[max(len(failed) - limit, 0) :]
    return ArchiveStatus(
        total=LegTotal(**total),
        totals=tuple(LegTotal(**row) for row in totals),
        sizes=tuple(KindSize(**row) for row in _rows(connection, "queries/archive_sizes", {})),
        legs=tuple(leg_of(row) for row in legs),
        failed=tuple(FailedIngest(**row) for row in shown),
        n_failed=len(failed),
    )


def _legs(connection: duckdb.DuckDBPyConnection, values: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the legs that are listed; only the files that have some of them are opened."""
    eclipses = [row["eclipse"] for row in _rows(connection, "status/bands", values)]
    sql = read_sql("status/legs.sql")
    if len(eclipses) <= FEW_ECLIPSES:
        sql = sql.replace("FROM legs\n", f"FROM rows_of('legs', {eclipses}::INTEGER[])\n")
    with reading_catalogue():
        return plain_rows(connection, sql, values)


def _rows(
    connection: duckdb.DuckDBPyConnection, name: str, values: dict[str, Any]
) -> list[dict[str, Any]]:
    with reading_catalogue():
        return plain_rows(connection, read_sql(f"{name}.sql"), values)
