"""Everything in the sky of a scene as arrays: sources, then galaxies, then ghosts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.mission import Band
from gphoton_db.simulate.light_curves import Constant, LightCurve
from gphoton_db.simulate.projection import sky_frames
from gphoton_db.simulate.scene import Galaxy, Ghost, Origin, Scene, Source

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

HALF_LIGHT_RADIUS_IN_SCALES = 1.6783469900166605
"""Of an exponential disc: the root of (1 + x) exp(-x) = 1/2."""


@dataclass(frozen=True, eq=False)
class Lights:
    """Points and discs of the sky in one band, all (n,) but for `frames` and `curves`.

    Parameters
    ----------
    origin : int64
        Number of the source or galaxy, or `Origin.GHOST`.
    frames : (n, 3, 3) float64
        Unit vectors east, north and towards each.
    rate : float64
        Quiescent photons a second.
    largest : float64
        Upper bound of the factor of the light curve.
    curve : int64
        Row in `curves`; -1 for a constant light.
    curves : tuple of LightCurve
        Of the lights that change.
    scale, axis_ratio, position_angle : float64
        Scale length of the disc, arcsec, 0 for a point; minor over major axis; radians.
    """

    origin: Integers
    frames: Floats
    rate: Floats
    largest: Floats
    curve: Integers
    curves: tuple[LightCurve, ...]
    scale: Floats
    axis_ratio: Floats
    position_angle: Floats

    def __len__(self) -> int:
        return len(self.rate)

    @property
    def ghostly(self) -> NDArray[np.bool_]:
        """Return which are ghosts."""
        return np.asarray(self.origin == Origin.GHOST)

    def factors(self, seconds: Floats) -> Floats:
        """Return the (curves, times) factors at times (s into the visit)."""
        factors = np.empty((len(self.curves), len(seconds)))
        for row, curve in enumerate(self.curves):
            factors[row] = curve.factor(seconds)
        return factors


def lights_of(scene: Scene, band: Band) -> Lights:
    """Return what shines in the sky of a scene."""
    points: list[Source | Galaxy | Ghost] = [*scene.sources, *scene.galaxies, *scene.ghosts]
    stars, galaxies, ghosts = (len(v) for v in (scene.sources, scene.galaxies, scene.ghosts))
    curves = [source.light_curve for source in scene.sources]
    changing = np.array([not isinstance(curve, Constant) for curve in curves], np.bool_)
    return Lights(
        origin=np.array([*range(stars + galaxies), *[int(Origin.GHOST)] * ghosts], np.int64),
        frames=sky_frames(
            np.array([point.ra for point in points], np.float64),
            np.array([point.dec for point in points], np.float64),
        ),
        rate=np.array(
            [
                *(source.rate_in(band) for source in scene.sources),
                *(galaxy.rate_in(band) for galaxy in scene.galaxies),
                *(ghost.rate for ghost in scene.ghosts),
            ],
            np.float64,
        ),
        largest=np.array([curve.largest for curve in curves] + [1.0] * (galaxies + ghosts)),
        curve=np.concatenate(
            [np.where(changing, np.cumsum(changing) - 1, -1), np.full(galaxies + ghosts, -1)]
        ),
        curves=tuple(curve for curve in curves if not isinstance(curve, Constant)),
        **_discs(scene.galaxies, before=stars, after=ghosts),
    )


def _discs(galaxies: tuple[Galaxy, ...], *, before: int, after: int) -> dict[str, Floats]:
    """Return the shape of galaxies, among so many points before and after them."""
    shapes = {
        "scale": [g.half_light_radius / HALF_LIGHT_RADIUS_IN_SCALES for g in galaxies],
        "axis_ratio": [g.axis_ratio for g in galaxies],
        "position_angle": [np.radians(g.position_angle) for g in galaxies],
    }
    return {
        name: np.pad(np.array(values, np.float64), (before, after))
        for name, values in shapes.items()
    }
