"""Sources of visits as they are linked into objects: arrays of one length."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.mission import Band

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOST_LEGS = 1_000
"""Legs of an eclipse are fewer."""


def visit_numbers(eclipse: NDArray[Any], leg: NDArray[Any]) -> Ints:
    """Return a number for each visit (a leg of an eclipse), in the order of eclipse and leg."""
    numbers: Ints = np.asarray(eclipse, np.int64) * _MOST_LEGS + leg
    return numbers


@dataclass(frozen=True, eq=False)
class Rates:
    """What a band measured at sources.

    Parameters
    ----------
    cps, cps_err : (n,) float64
        Counts per second, without the background; NaN where the band measured nothing.
    exposure : (n,) float64
        Of the visit, s, which means are weighted by.
    detected : (n,) bool
        Whether the source was detected in the band.
    """

    cps: Floats
    cps_err: Floats
    exposure: Floats
    detected: NDArray[np.bool_]

    @classmethod
    def nothing(cls, n: int) -> "Rates":
        """Return what a band measured that did not look."""
        none = np.full(n, np.nan)
        return cls(none, none, none, np.zeros(n, np.bool_))

    def take(self, rows: Any) -> "Rates":
        """Return those of some sources."""
        return Rates(self.cps[rows], self.cps_err[rows], self.exposure[rows], self.detected[rows])


@dataclass(frozen=True, eq=False)
class Entries:
    """Sources, each of one leg of one eclipse (a visit).

    Parameters
    ----------
    source_id : (n,) array of str
        Name of each, as in the view ``catalogue``.
    eclipse, leg : (n,) int64
        The visit.
    ra, dec : (n,) float64
        Deg; NaN where there is none.
    ra_err, dec_err : (n,) float64
        Errors along a great circle, arcsec; NaN where they are not known.
    artifact : (n,) bool
        Whether it may be no source of the sky: on a hotspot or a ghost, or at the narrow edge.
    rates : mapping of Band to Rates
        What each band measured; those of both.
    """

    source_id: NDArray[Any]
    eclipse: Ints
    leg: Ints
    ra: Floats
    dec: Floats
    ra_err: Floats
    dec_err: Floats
    artifact: NDArray[np.bool_]
    rates: Mapping[Band, Rates]

    def __len__(self) -> int:
        return len(self.ra)

    @property
    def visit(self) -> Ints:
        """A number for the visit of each, in the order of eclipse and leg."""
        return visit_numbers(self.eclipse, self.leg)

    def take(self, rows: Any) -> "Entries":
        """Return some of them."""
        names = (field.name for field in fields(self) if field.name != "rates")
        columns = {name: getattr(self, name)[rows] for name in names}
        rates = {band: each.take(rows) for band, each in self.rates.items()}
        return replace(self, **columns, rates=rates)

    def in_order(self) -> "Entries":
        """Return those with a position by visit, declination and right ascension.

        So what is made of them does not depend on the order in which they were given.
        """
        there = np.flatnonzero(np.isfinite(self.ra) & np.isfinite(self.dec))
        order = np.lexsort((self.ra[there], self.dec[there], self.visit[there]))
        return self.take(there[order])
