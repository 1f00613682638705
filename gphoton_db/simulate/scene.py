"""What shines: the sky and the detector's own spots."""

from dataclasses import dataclass
from enum import IntEnum


class Origin(IntEnum):
    """Where an event comes from, when it is not a source (those are numbered from 0)."""

    BACKGROUND = -1
    STIM = -2
    HOTSPOT = -3
    GHOST = -4


@dataclass(frozen=True)
class Source:
    """A star: position in deg, detected photons a second."""

    ra: float
    dec: float
    rate: float


@dataclass(frozen=True)
class Hotspot:
    """A spot that is fixed on the detector: column and row in pixels, events a second."""

    col: float
    row: float
    rate: float


@dataclass(frozen=True)
class Ghost:
    """A spot on the sky of photons with ya < 6, as after CSP: deg, photons a second."""

    ra: float
    dec: float
    rate: float


@dataclass(frozen=True)
class Scene:
    """What the detector sees.

    Parameters
    ----------
    sources, hotspots, ghosts : tuple
        Things that shine.
    background : float
        Events a second, uniform over a disc a little larger than the detector's active area.
    blur : float
        Standard deviation of the point spread along each axis, arcsec; sources and ghosts.
    apply_response : bool
        Whether the detector misses photons in proportion to the relative response, so that the
        sum of 1/response is what the rates say; otherwise rates are those of detected events.
    """

    sources: tuple[Source, ...] = ()
    hotspots: tuple[Hotspot, ...] = ()
    ghosts: tuple[Ghost, ...] = ()
    background: float = 300.0
    blur: float = 2.0
    apply_response: bool = False
