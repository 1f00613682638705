"""How a source's brightness changes: a factor on its rate, against the time into the visit.

Times are seconds from the first aspect row of the visit's first leg, so both bands of a visit see
the same flare at the same time.
"""

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from gphoton_db.simulate.validated import STRICT, Fraction, NonNegative, Positive

Floats = NDArray[np.float64]


@dataclass(frozen=True, config=STRICT)
class Constant:
    """A source that does not change."""

    kind: Literal["constant"] = "constant"

    @property
    def largest(self) -> float:
        """Return an upper bound of `factor`."""
        return 1.0

    def factor(self, seconds: Floats) -> Floats:
        """Return brightness over quiescent brightness at each time (s into the visit)."""
        return np.ones_like(seconds)


@dataclass(frozen=True, config=STRICT)
class Flare:
    """A linear rise and an exponential decay on top of the quiescent brightness.

    Parameters
    ----------
    start : float
        When it begins, s into the visit.
    peak : float
        Height, in units of the quiescent brightness.
    rise, decay : float
        Duration of the rise, and e-folding time of the decay, s.
    """

    start: float
    peak: NonNegative
    rise: Positive = 5.0
    decay: Positive = 30.0
    kind: Literal["flare"] = "flare"

    @property
    def largest(self) -> float:
        """Return an upper bound of `factor`."""
        return 1.0 + self.peak

    def factor(self, seconds: Floats) -> Floats:
        """Return brightness over quiescent brightness at each time (s into the visit)."""
        since = seconds - self.start
        rising = np.clip(since / self.rise, 0, 1)
        fading = np.exp(-np.maximum(since - self.rise, 0) / self.decay)
        return np.asarray(1 + self.peak * rising * fading)


@dataclass(frozen=True, config=STRICT)
class Sinusoid:
    """A pulsating star: 1 + amplitude * cos(2 pi (t - maximum) / period).

    Parameters
    ----------
    period : float
        s.
    amplitude : float
        Up to 1.
    maximum : float
        Time of a maximum, s into the visit.
    """

    period: Positive
    amplitude: Fraction
    maximum: float = 0.0
    kind: Literal["sinusoid"] = "sinusoid"

    @property
    def largest(self) -> float:
        """Return an upper bound of `factor`."""
        return 1.0 + self.amplitude

    def factor(self, seconds: Floats) -> Floats:
        """Return brightness over quiescent brightness at each time (s into the visit)."""
        phase = 2 * np.pi * (seconds - self.maximum) / self.period
        return np.asarray(1 + self.amplitude * np.cos(phase))


@dataclass(frozen=True, config=STRICT)
class Dimming:
    """An eclipsing binary: a trapezoidal dip, once or at every period.

    Parameters
    ----------
    middle : float
        Middle of a dip, s into the visit.
    duration : float
        From first to last contact, s.
    depth : float
        Light lost at the bottom, up to 1.
    ingress : float
        Duration of ingress and of egress, s.
    period : float, optional
        s; without it there is one dip.
    """

    middle: float
    duration: Positive
    depth: Fraction
    ingress: Positive = 1.0
    period: Positive | None = None
    kind: Literal["eclipse"] = "eclipse"

    @property
    def largest(self) -> float:
        """Return an upper bound of `factor`."""
        return 1.0

    def factor(self, seconds: Floats) -> Floats:
        """Return brightness over quiescent brightness at each time (s into the visit)."""
        from_middle = seconds - self.middle
        if self.period is not None:
            from_middle = from_middle - self.period * np.rint(from_middle / self.period)
        inside = np.clip((self.duration / 2 - abs(from_middle)) / self.ingress, 0, 1)
        return np.asarray(1 - self.depth * inside)


@dataclass(frozen=True, config=STRICT)
class Tabulated:
    """Any light curve: linear between the points of a table, level beyond them.

    Parameters
    ----------
    seconds : tuple of float
        Times, s into the visit, growing.
    factors : tuple of float
        Brightness over quiescent brightness at those times.
    """

    seconds: Annotated[tuple[float, ...], Field(min_length=1)]
    factors: tuple[NonNegative, ...]
    kind: Literal["table"] = "table"

    @model_validator(mode="after")
    def _check(self) -> "Tabulated":
        if len(self.seconds) != len(self.factors):
            raise ValueError(
                f"seconds has {len(self.seconds)} values and factors has {len(self.factors)}"
            )
        if any(b <= a for a, b in zip(self.seconds, self.seconds[1:], strict=False)):
            raise ValueError("seconds must grow from one value to the next")
        return self

    @property
    def largest(self) -> float:
        """Return an upper bound of `factor`."""
        return max(self.factors)

    def factor(self, seconds: Floats) -> Floats:
        """Return brightness over quiescent brightness at each time (s into the visit)."""
        return np.interp(seconds, self.seconds, self.factors)


LightCurve = Annotated[
    Constant | Flare | Sinusoid | Dimming | Tabulated, Field(discriminator="kind")
]
