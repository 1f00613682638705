"""How variability is measured."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypedDict

from gphoton_db.errors import ProductError
from gphoton_db.products.quantities import seconds_of, settle
from gphoton_db.system.cores import usable_cores

FINE_STEP_S = 5
"""Bins that periods, trends, dips and the dither are looked for in: the dither takes 113 s."""

WINDOWS_S = (1.0, 5.0, 20.0, 60.0, 200.0)
"""Lengths of the windows in which bursts of photons are looked for."""

DIP_WINDOWS_S = (20, 60, 200)
"""Lengths of those in which photons are missed."""

MEASURED_BEFORE = "measured_before"
"""What a table's metadata call the eclipses, with blanks between, that were measured before."""

LARGEST_RADIUS = 20.0
"""Of an aperture, arcsec: there the annulus for its background begins."""


class VariableChoices(TypedDict, total=False):
    """Keyword arguments of `Archive.variables`: fields of `VariableOptions`."""

    depth: Any
    radius: Any
    min_exposure: Any
    catalog: Any


@dataclass(frozen=True)
class VariableOptions:
    """How to measure variability.

    Parameters
    ----------
    depth : float or Quantity
        Length of the bins: whole seconds.
    radius : float or Quantity
        Of the aperture, arcsec; up to 20, where the annulus for the background begins.
    min_exposure : float or Quantity
        Legs with a shorter exposure, s, are left out, which is logged.
    catalog : path or table, optional
        Positions to measure instead of the catalogue entries of each leg.
    threads : int
        Threads that read photons; by default one for each core that the process may use.

    Raises
    ------
    ProductError
        If one of them makes no sense.
    """

    depth: Any = 30.0
    radius: Any = 12.8
    min_exposure: Any = 0.0
    catalog: Any = None
    threads: int = field(default_factory=usable_cores)

    def __post_init__(self) -> None:
        from gphoton_db.products.apertures.aperture import Aperture

        settle(
            self,
            depth=seconds_of(self.depth, "depth"),
            radius=Aperture.of(self.radius, None).radius,
            min_exposure=seconds_of(self.min_exposure, "min_exposure"),
        )
        if not (self.depth >= 1 and self.depth == round(self.depth)):
            raise ProductError(f"bins of {self.depth:g} s are not valid: give whole seconds from 1")
        if self.radius > LARGEST_RADIUS:
            raise ProductError(
                f"an aperture of radius {self.radius:g} arcsec reaches into the annulus that its "
                f"background is measured in: give up to {LARGEST_RADIUS:g} arcsec"
            )
        if not self.min_exposure >= 0:
            raise ProductError(f"min_exposure = {self.min_exposure:g} s: give 0 or more")

    def absolute(self) -> "VariableOptions":
        """Return the same for a process that works in another folder."""
        if not isinstance(self.catalog, str | Path):
            return self
        return replace(self, catalog=Path(self.catalog).expanduser().absolute())
