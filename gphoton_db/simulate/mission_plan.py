"""A plan like the mission's: which eclipse looked where, when, in which bands, and how often.

Shares, lengths and gaps are round figures of the real mission.  Eclipses are spread evenly over
its whole length, in order of time; each looks away from the Sun.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.errors import SimulationError
from gphoton_db.mission import (
    FIRST_RECOVERED_ECLIPSE,
    LAST_PRE_CSP_ECLIPSE,
    LAST_SUPPORTED_ECLIPSE,
    Band,
)
from gphoton_db.simulate.plan import eclipse_start_ms
from gphoton_db.simulate.survey_fields import (
    SurveyFields,
    all_sky_strips,
    away_from_sun,
    single_fields,
)

FIRST_ECLIPSE = 500
"""Before, the telescope was being tried out."""

LAST_FUV_ECLIPSE = 31_999
"""The FUV detector was lost in May 2009: of 1,000 visits with flares that are published, most
have FUV before eclipse 32,000 and none after it."""

FUV_MISSING = 0.1
"""Share of the eclipses before that without FUV."""

FUV_LATE_S = 42
"""The FUV detector comes on later than NUV: 41 to 44 s in four published visits of GJ 65."""

SURVEYS = {"AIS": 0.30, "MIS": 0.45, "DIS": 0.25}
"""Surveys, and the share of the eclipses that each gets."""

MIS_VISITS = 3
"""Visits of a field of the medium survey, in the mean."""

DIS_VISITS = 38
"""Visits of a field of the deep survey, in the mean, but for the deepest."""

DEEPEST_VISITS = 500
"""Visits of the deepest field, if that is no more than half of the deep survey."""

AIS_LEG_S = 110
AIS_SLEW_S = 20
FIELD_S = (1100, 1690, 1720)
"""Least, most usual and greatest length of a visit of a single field: published visits have a
median of 1,620 s, and one in ten less than 1,110 s."""

SEASON_COSINE = 0.0
"""Of the largest angle from the point opposite to the Sun: 90 deg."""

MISSION_ECLIPSES = (
    *range(FIRST_ECLIPSE, LAST_PRE_CSP_ECLIPSE + 1),
    *range(FIRST_RECOVERED_ECLIPSE, LAST_SUPPORTED_ECLIPSE + 1),
)
"""Eclipses that can be simulated, in order."""


@dataclass(frozen=True)
class PlannedVisit:
    """What one eclipse of the mission does.

    Parameters
    ----------
    survey : str
        AIS, MIS or DIS.
    target : int
        Number of the target in its survey, from 0.
    visit : int
        Which visit of the target this is, from 1.
    bands : tuple of Band
        Detectors that were on: NUV, or both.
    boresights : tuple of (float, float)
        Ra and dec of each leg, deg.
    roll : float
        Deg.
    duration, slew : int
        Of each leg, and from one to the next, s.
    """

    eclipse: int
    survey: str
    target: int
    visit: int
    bands: tuple[Band, ...]
    boresights: tuple[tuple[float, float], ...]
    roll: float
    duration: int
    slew: int = AIS_SLEW_S

    @property
    def start_ms(self) -> int:
        """Return its first aspect time, GALEX ms."""
        return eclipse_start_ms(self.eclipse)


def plan_mission(
    n_eclipses: int, *, seed: int = 1, surveys: Collection[str] = tuple(SURVEYS)
) -> tuple[PlannedVisit, ...]:
    """Return the plan of so many eclipses, in order of their numbers and times.

    Parameters
    ----------
    n_eclipses : int
        How many; at most as many as the mission had (`MISSION_ECLIPSES`).
    seed : int
        The same numbers make the same plan.
    surveys : collection of str
        Which of `SURVEYS` take part; their shares are in proportion.

    Raises
    ------
    SimulationError
        If the mission had not so many eclipses, or a survey is not known.
    """
    _check(n_eclipses, seed, surveys)
    rng = np.random.default_rng(seed)
    places = np.linspace(0, len(MISSION_ECLIPSES) - 1, n_eclipses).round().astype(np.int64)
    eclipses = np.array(MISSION_ECLIPSES)[places]
    looks = np.array([away_from_sun(eclipse_start_ms(int(e))) for e in eclipses])
    names = [name for name in SURVEYS if name in surveys]
    shares = np.array([SURVEYS[name] for name in names])
    survey = rng.choice(len(names), n_eclipses, p=shares / shares.sum())
    visits: list[PlannedVisit] = []
    for number, name in enumerate(names):
        rows = np.flatnonzero(survey == number)
        if len(rows):
            fields, chosen = _TARGETS[name](looks[rows], rng)
            visits += _visits(name, eclipses[rows], fields, chosen, rng)
    return tuple(sorted(visits, key=lambda visit: visit.eclipse))


def _check(n_eclipses: int, seed: int, surveys: Collection[str]) -> None:
    if not 1 <= n_eclipses <= len(MISSION_ECLIPSES):
        raise SimulationError(
            f"a mission of {n_eclipses:,} eclipses: the real one had {len(MISSION_ECLIPSES):,} "
            "that can be simulated; choose one of 1 to as many"
        )
    if seed < 0:
        raise SimulationError(f"seed: must be 0 or more, not {seed}")
    unknown = sorted(set(surveys) - set(SURVEYS))
    if unknown or not surveys:
        raise SimulationError(
            f"{', '.join(unknown) or 'none'}: no survey of the simulator; choose among "
            f"{', '.join(SURVEYS)}"
        )


def _visits(
    survey: str,
    eclipses: NDArray[np.int64],
    fields: SurveyFields,
    chosen: NDArray[np.int64],
    rng: np.random.Generator,
) -> Iterator[PlannedVisit]:
    n = len(eclipses)
    with_fuv = (eclipses <= LAST_FUV_ECLIPSE) & (rng.random(n) >= FUV_MISSING)
    roll, lengths = rng.uniform(0, 360, n).round(3), rng.triangular(*FIELD_S, n)
    seen = np.zeros(len(fields), np.int64)
    for k, target in enumerate(chosen.tolist()):
        seen[target] += 1
        boresights = fields.boresights[target].round(4)
        yield PlannedVisit(
            eclipse=int(eclipses[k]),
            survey=survey,
            target=target,
            visit=int(seen[target]),
            bands=tuple(Band) if with_fuv[k] else (Band.NUV,),
            boresights=tuple((float(ra), float(dec)) for ra, dec in boresights),
            roll=float(roll[k]),
            duration=AIS_LEG_S if survey == "AIS" else int(lengths[k]),
        )


Looks = NDArray[np.float64]
"""Unit vectors (eclipses, 3) away from the Sun."""

Chosen = tuple[SurveyFields, NDArray[np.int64]]
"""The targets of a survey, and the number of the one that each of its eclipses looks at."""


def _all_sky(looks: Looks, rng: np.random.Generator) -> Chosen:
    fields = all_sky_strips()
    return fields, _least_seen(fields, looks, rng)


def _medium(looks: Looks, rng: np.random.Generator) -> Chosen:
    fields = single_fields(max(len(looks) // MIS_VISITS, 1), rng)
    return fields, _least_seen(fields, looks, rng)


def _deep(looks: Looks, rng: np.random.Generator) -> Chosen:
    """Choose among fields of which the first is seen far more often than all others."""
    n = len(looks)
    fields = single_fields(1 + max(n // DIS_VISITS, 1), rng)
    chosen = np.full(n, -1)
    season = np.flatnonzero(looks @ fields.directions[0] > SEASON_COSINE)
    deepest = min(DEEPEST_VISITS, n // 2, len(season))
    chosen[season[np.linspace(0, len(season) - 1, deepest).round().astype(np.int64)]] = 0
    rest = np.flatnonzero(chosen < 0)
    others = SurveyFields.of(list(fields.boresights[1:]))
    chosen[rest] = 1 + _least_seen(others, looks[rest], rng)
    return fields, chosen


def _least_seen(fields: SurveyFields, looks: Looks, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return a target in season for each eclipse, one of those that were seen least until then."""
    seen = np.zeros(len(fields), np.int64)
    chosen = np.empty(len(looks), np.int64)
    for k, look in enumerate(looks):
        season = np.flatnonzero(fields.directions @ look > SEASON_COSINE)
        if not len(season):  # a few fields only, and all of them near the Sun
            season = np.arange(len(fields))
        least = season[seen[season] == seen[season].min()]
        chosen[k] = rng.choice(least)
        seen[chosen[k]] += 1
    return chosen


_TARGETS = {"AIS": _all_sky, "MIS": _medium, "DIS": _deep}
