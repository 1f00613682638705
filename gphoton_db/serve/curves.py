"""Light curves as the page draws them: the numbers of `Archive.lightcurve`."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from gphoton_db.aspect.sphere import unit_vectors
from gphoton_db.errors import NoCoverageError
from gphoton_db.products.lightcurves.measure import columns_of_position
from gphoton_db.products.lightcurves.options import LightCurveOptions
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.serve.answers import numbers
from gphoton_db.serve.opened import ServedLegs
from gphoton_db.serve.parameters import Parameters, checked_number
from gphoton_db.serve.refusals import RequestError

CURVE_PARAMETERS = ("ra", "dec", "radius", "annulus", "step", "leg", "bands")

MOST_BINS = 100_000
"""Of all legs: a plot has a thousand pixels."""

LARGEST_RADIUS_ARCSEC = 600.0
SHORTEST_STEP_S, LONGEST_STEP_S = 0.005, 1e6

SHOWN = {
    "t0": "t0",
    "t1": "t1",
    "exposure": "exposure",
    "counts": "counts",
    "background": "bg",
    "cps": "cps",
    "cps_err": "cps_err",
    "cps_bgsub": "cps_bgsub",
    "cps_bgsub_err": "cps_bgsub_err",
    "mag": "mag",
    "covered": "covered",
    "flags": "flags",
    "warnings": "warnings",
}
"""Columns of an answer, and of light curves."""

NOTE = (
    "t0 and t1: GALEX s; exposure: s, corrected for dead time; counts: photons in the aperture; "
    "background: of the annulus, weighted counts in the aperture (null without one); cps: weighted "
    "counts a second, background not taken off; cps_bgsub: taken off; covered: part of the bin "
    "with the position in the field; flags and warnings: bits, 0 is good"
)


def curve_options(asked: Parameters, legs: ServedLegs) -> LightCurveOptions:
    """Return how a position is to be measured.

    Raises
    ------
    RequestError
        If a number is none, or there would be too many bins.
    """
    radius = asked.number("radius", 0.1, LARGEST_RADIUS_ARCSEC, LightCurveOptions.radius)
    annulus = None
    if asked.has("annulus"):
        texts = asked.text("annulus").split(",")
        if len(texts) != 2:
            raise RequestError("annulus: give two radii in arcsec, such as 20,40")
        annulus = tuple(
            checked_number(text, "annulus", 0.0, LARGEST_RADIUS_ARCSEC) for text in texts
        )
        if not annulus[0] < annulus[1]:
            raise RequestError("annulus: the first radius is the smaller one")
    step = None
    if asked.text("step", "30") != "visit":
        step = asked.number("step", SHORTEST_STEP_S, LONGEST_STEP_S, 30.0)
        _check_bins(asked, legs, step)
    return LightCurveOptions(radius=radius, annulus=annulus, step=step, bands=asked.bands())


def _check_bins(asked: Parameters, legs: ServedLegs, step: float) -> None:
    """Refuse a step that makes more bins than anybody could see."""
    near = legs.near(unit_vectors(*asked.position()), 0.0)
    n_bins = sum((leg.t1 - leg.t0) / step + 1 for leg in near)
    if n_bins > MOST_BINS:
        raise RequestError(
            f"a step of {step:g} s would make {n_bins:,.0f} bins of {len(near)} legs, and "
            f"{MOST_BINS:,} can be shown: give a longer one"
        )


def measured(
    archive: ArchiveReader, asked: Parameters, legs: ServedLegs
) -> dict[str, NDArray[Any]]:
    """Return the columns of a light curve, those of one leg if one is asked for.

    Raises
    ------
    NoCoverageError
        If no leg saw the position.
    RequestError
        If a number is none.
    """
    options = curve_options(asked, legs)
    columns = columns_of_position(archive, *asked.position(), options)
    leg = asked.leg()
    if leg is None:
        return columns
    chosen = (columns["eclipse"] == leg[0]) & (columns["leg"] == leg[1])
    if not chosen.any():
        raise NoCoverageError(f"leg {leg[0]}.{leg[1]} did not see this position")
    return {name: values[chosen] for name, values in columns.items()}


def curves(archive: ArchiveReader, asked: Parameters, legs: ServedLegs) -> dict[str, Any]:
    """Return light curves by band and leg."""
    columns = measured(archive, asked, legs)
    bands: dict[str, Any] = {str(band): [] for band in asked.bands()}
    for band, eclipse, leg in _legs_in(columns):
        chosen = (
            (columns["band"] == band) & (columns["eclipse"] == eclipse) & (columns["leg"] == leg)
        )
        of_leg = {shown: numbers(columns[name][chosen]) for shown, name in SHOWN.items()}
        bands[band].append({"eclipse": eclipse, "leg": leg, **of_leg})
    return {"bands": bands, "columns_note": NOTE}


def _legs_in(columns: dict[str, NDArray[Any]]) -> Sequence[tuple[str, int, int]]:
    """Return band, eclipse and leg of all rows, in their order."""
    keys = zip(
        columns["band"].tolist(), columns["eclipse"].tolist(), columns["leg"].tolist(), strict=True
    )
    return list(dict.fromkeys(keys))
