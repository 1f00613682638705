"""Light curves of candidates and of their neighbours, packed for the sheet."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.mission import Band
from gphoton_db.products.apertures.targets import Targets, haversines
from gphoton_db.products.lightcurves.many import plan_of, whole_table
from gphoton_db.products.lightcurves.measure import measurement_of
from gphoton_db.products.lightcurves.options import LightCurveOptions
from gphoton_db.products.qa.candidates import Candidate, Visit
from gphoton_db.products.qa.options import QaOptions
from gphoton_db.products.quantities import seconds_of
from gphoton_db.products.reader import ArchiveReader

REACH_ARCSEC = 600.0
"""How far neighbours are looked for."""

SAME_ARCSEC = 6.0
"""A source that is nearer is the candidate itself."""


@dataclass(frozen=True, eq=False)
class Neighbour:
    """A source near a candidate: how far, and its number among the targets of the visit."""

    separation: float
    target: int


@dataclass(frozen=True, eq=False)
class VisitCurves:
    """Light curves of a visit.

    Parameters
    ----------
    t0 : float
        GALEX s, from which the sheet counts.
    curves : list of dict
        Of each candidate, by band: packed arrays.
    targets : list of dict
        The same of all that was measured.
    neighbours : list of list of Neighbour
        Of each candidate.
    """

    t0: float
    curves: list[dict[str, Any]]
    targets: list[dict[str, Any]]
    neighbours: list[list[Neighbour]]


def visit_curves(
    archive: ArchiveReader, visit: Visit, candidates: Sequence[Candidate], options: QaOptions
) -> VisitCurves:
    """Return the light curves of the candidates of a visit, and of sources near them.

    Bins of both bands begin together, with the first photon of either.
    """
    legs = archive.rows(
        f"SELECT band, photon_t0, photon_t1 FROM rows_of('legs', [{visit[0]}]) "
        f"WHERE leg = {visit[1]} AND photon_t0 IS NOT NULL"
    )
    t0 = min(row["photon_t0"] for row in legs)
    t1 = max(row["photon_t1"] for row in legs)
    near = _sources(archive, visit)
    # Rows of two bands are of one place, and a neighbour may be a candidate, too.
    places = {(each.ra, each.dec): 0 for each in candidates}
    places = {place: number for number, place in enumerate(places)}
    own = [places[each.ra, each.dec] for each in candidates]
    neighbours = [_neighbours(each, near, places, options.neighbours) for each in candidates]
    ra, dec = (np.array(axis) for axis in zip(*places, strict=True))
    targets = Targets(ra, dec)
    how = measurement_of(
        LightCurveOptions(
            radius=options.radius,
            step=options.step,
            time_ranges=[(t0, t1 + seconds_of(options.step, "step"))],  # the last bin is not cut
            threads=options.threads,
        )
    )
    table = whole_table(archive, plan_of(archive, targets, how, mask_sources=False))
    packed = _packed(table, len(targets), visit, t0)
    return VisitCurves(t0, [packed[each] for each in own], packed, neighbours)


def _sources(
    archive: ArchiveReader, visit: Visit
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the places of the sources of a visit: catalogue entries, else detections."""
    where = f"WHERE eclipse = {visit[0]} AND leg = {visit[1]}"
    for sql in (
        f"SELECT ra, dec FROM catalogue {where} AND ra IS NOT NULL",
        f"SELECT ra, dec FROM sources {where} AND catalog = 'detected' AND ra IS NOT NULL",
    ):
        rows = archive.rows(sql)
        if rows:
            break
    return np.array([r["ra"] for r in rows], float), np.array([r["dec"] for r in rows], float)


def _neighbours(
    candidate: Candidate,
    near: tuple[NDArray[np.float64], NDArray[np.float64]],
    places: dict[tuple[float, float], int],
    most: int,
) -> list[Neighbour]:
    """Return the sources next to a candidate, the nearest first; new ones are added to places."""
    apart = (
        np.degrees(2 * np.arcsin(np.sqrt(haversines(candidate.ra, candidate.dec, *near)))) * 3600
    )
    there = np.flatnonzero((apart > SAME_ARCSEC) & (apart <= REACH_ARCSEC))
    nearest = there[np.argsort(apart[there])][:most].tolist()
    return [
        Neighbour(
            float(apart[each]),
            places.setdefault((float(near[0][each]), float(near[1][each])), len(places)),
        )
        for each in nearest
    ]


def _packed(table: Any, n: int, visit: Visit, t0: float) -> list[dict[str, Any]]:
    columns = {
        name: np.asarray(getattr(table[name], "value", table[name]))
        for name in ("position", "band", "eclipse", "leg", "t0", "t1", "exposure", "cps")
    }
    columns |= {
        name: np.asarray(getattr(table[name], "value", table[name]))
        for name in ("cps_err", "flags", "warnings")
    }
    of_visit = (columns["eclipse"] == visit[0]) & (columns["leg"] == visit[1])
    curves: list[dict[str, Any]] = []
    for number in range(n):
        of_target = of_visit & (columns["position"] == number)
        bands = {}
        for band in Band:
            rows = of_target & (columns["band"] == str(band))
            if rows.any():
                bands[str(band)] = _arrays({k: v[rows] for k, v in columns.items()}, t0)
        curves.append(bands)
    return curves


def _arrays(columns: dict[str, NDArray[Any]], t0: float) -> dict[str, str]:
    middle = (columns["t0"] + columns["t1"]) / 2 - t0
    exposed = columns["exposure"] / (columns["t1"] - columns["t0"])
    numbers = {"t": middle, "cps": columns["cps"], "err": columns["cps_err"], "exposed": exposed}
    packed = {name: packed_floats(values) for name, values in numbers.items()}
    bits = (columns["flags"] | columns["warnings"] << 8).astype("<f4")
    return packed | {"bits": packed_floats(bits)}


def packed_floats(values: NDArray[Any]) -> str:
    """Return numbers as base64 of float32, little end first."""
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()
