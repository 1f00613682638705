"""An archive that is being served: as it is now, for requests that come at the same time."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

import duckdb
import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.sphere import unit_vectors
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.file import identity
from gphoton_db.catalogue.records import LegRecord
from gphoton_db.catalogue.session import CatalogueSession, list_legs
from gphoton_db.mission import Band
from gphoton_db.products.maps.make import time_within
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sky_places import Range
from gphoton_db.query.query import prepare_session
from gphoton_db.serve.parameters import Leg

_MOST_IDLE = 8
"""Connections that are kept for the next requests: to make one takes 3 ms."""

_PART = 0.1
"""Side of the cubes that cut the sphere into parts: some 2,000 of 6 degrees."""


@dataclass(frozen=True, eq=False)
class ServedLegs:
    """The legs of an archive in one version of its catalogue.

    Parameters
    ----------
    generation : str
        Another one after each commit.
    legs : tuple of LegRecord
        All of them, by eclipse, band and leg.
    towards : (n, 3) float64
        Unit vectors of their boresights.
    reach : (n,) float64
        Radii of the circles that hold their fields, deg.
    span_ms : (n, 2) int64
        Their time, as maps count it, GALEX ms.
    exposure : (n,) float64
        Seconds.
    """

    generation: str
    legs: tuple[LegRecord, ...]
    towards: NDArray[np.float64]
    reach: NDArray[np.float64]
    span_ms: NDArray[np.int64]
    exposure: NDArray[np.float64]

    @classmethod
    def of(cls, generation: str, legs: Sequence[LegRecord]) -> "ServedLegs":
        """Return the legs of a generation."""
        ra, dec = (np.array([getattr(leg, name) for leg in legs]) for name in ("ra0", "dec0"))
        towards = unit_vectors(ra, dec).reshape(-1, 3)
        reach, exposure = (
            np.array([getattr(leg, name) for leg in legs], np.float64)
            for name in ("radius", "exposure")
        )
        spans = [time_within(leg, None)[0] for leg in legs]
        span_ms = np.array(spans, np.int64).reshape(-1, 2)
        return cls(generation, tuple(legs), towards, reach, span_ms, exposure)

    def bands(self) -> list[Band]:
        """Return the bands that there are legs of."""
        there = {leg.band for leg in self.legs}
        return [band for band in Band if band in there]

    @cached_property
    def kinds(self) -> NDArray[np.int64]:
        """Eclipse, leg, whether of NUV, and whether it has good photons, (n, 4)."""
        rows = [
            (leg.eclipse, leg.leg, leg.band == Band.NUV, leg.photon_t0 is not None)
            for leg in self.legs
        ]
        return np.array(rows, np.int64).reshape(-1, 4)

    @property
    def begin(self) -> LegRecord | None:
        """The leg with most photons, at which the page begins; None where there are no legs."""
        return max(self.legs, key=lambda leg: leg.n_photons, default=None)

    def chosen(self, band: Band, leg: Leg | None) -> NDArray[np.bool_]:
        """Return which legs have good photons in a band; and are the one that was asked for."""
        eclipse, number, nuv, good = self.kinds.T
        found: NDArray[np.bool_] = (good == 1) & (nuv == (band is Band.NUV))
        return found if leg is None else found & (eclipse == leg[0]) & (number == leg[1])

    def longest(self, chosen: NDArray[np.bool_], within: Range | None) -> float:
        """Return the exposure of the longest of some legs, in a part of the time, s, at most."""
        start, stop = self.span_ms[chosen].T
        if within is not None:
            start, stop = np.maximum(start, within[0]), np.minimum(stop, within[1])
        seconds = np.minimum(self.exposure[chosen], np.maximum(stop - start, 0) / 1000)
        return float(seconds.max(initial=0.0))

    def near(
        self,
        towards: NDArray[np.float64],
        beyond_deg: float,
        chosen: NDArray[np.bool_] | None = None,
    ) -> list[LegRecord]:
        """Return the legs, of those that are chosen, whose circle is near a direction.

        That is, comes within `beyond_deg` of it.
        """
        near = self.is_near(towards, beyond_deg)
        found = np.flatnonzero(near if chosen is None else near & chosen)
        return [self.legs[k] for k in found.tolist()]

    def is_near(self, towards: NDArray[np.float64], beyond_deg: float) -> NDArray[np.bool_]:
        """Return which legs have a circle that comes within `beyond_deg` of a direction."""
        limit = np.radians(np.minimum(self.reach + beyond_deg, 180.0))
        near: NDArray[np.bool_] = self.towards @ towards >= np.cos(limit) - 1e-12
        return near

    @cached_property
    def visits(self) -> NDArray[np.int64]:
        """Number of the visit of each leg, from 0: those of both bands have the same, (n,)."""
        eclipse, leg = self.kinds.T[:2]
        number: NDArray[np.int64] = np.unique(eclipse << 10 | leg, return_inverse=True)[1]
        return number

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Place of each visit among those of its part of the sky, by exposure, from 0."""
        _, first = np.unique(self.visits, return_index=True)
        return _places(self.towards[first], self.exposure[first])


def _places(towards: NDArray[np.float64], exposure: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the place of each direction among those of its part of the sky, longest first."""
    cubes = np.floor(towards / _PART).astype(np.int64) + 2**10
    cube = cubes @ np.array([2**22, 2**11, 1])
    order = np.lexsort((-exposure, cube))
    _, first, n = np.unique(cube[order], return_index=True, return_counts=True)
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order)) - np.repeat(first, n)
    return places


class ServedArchive:
    """Reads of an archive by several threads, each from its newest version.

    Parameters
    ----------
    catalogue : Catalogue
        Of the archive.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._session = CatalogueSession(catalogue)
        self._lock = Lock()
        self._legs: tuple[tuple[int, ...], ServedLegs] | None = None
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._idle_of: duckdb.DuckDBPyConnection | None = None

    @property
    def name(self) -> str:
        """Folder or address."""
        return self.catalogue.address or str(self.catalogue.paths.root)

    @contextmanager
    def reader(self) -> Iterator[ArchiveReader]:
        """Give what products are made of, on a connection of its own.

        Raises
        ------
        ArchiveError
            If there is no archive any more, or it cannot be used.
        """
        with self._lock:
            session = self._session.connection()
            connection = self._idle_connection(session)
            if connection is None:
                connection = self.catalogue.another_reader(session)
                prepare_session(connection)
        try:
            yield ArchiveReader(self.catalogue, connection)
        except BaseException:
            connection.close()
            raise
        with self._lock:
            if session is self._idle_of and len(self._idle) < _MOST_IDLE:
                self._idle.append(connection)
            else:
                connection.close()

    def _idle_connection(
        self, session: duckdb.DuckDBPyConnection
    ) -> duckdb.DuckDBPyConnection | None:
        """Return one that is used no more; those to what the archive was before are closed."""
        if session is not self._idle_of:
            self._close_idle()
            self._idle_of = session
        return self._idle.pop() if self._idle else None

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def legs(self) -> ServedLegs:
        """Return the legs as they are now.

        Raises
        ------
        ArchiveError
            If there is no archive any more, or it cannot be used.
        """
        with self._lock:
            connection = self._session.connection()
            version = identity(self.catalogue.paths.catalogue)
            if self._legs is None or self._legs[0] != version:
                generation = hashlib.sha256(repr(version).encode()).hexdigest()[:16]
                self._legs = version, ServedLegs.of(generation, list_legs(connection))
            return self._legs[1]

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._close_idle()
            self._idle_of = None
            self._session.close()
