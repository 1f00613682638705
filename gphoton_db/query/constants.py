"""Numbers that the SQL files share with Python: ``$NAME`` in an SQL file is one of these.

`gphoton_db.query.sql_files.read_sql` fills them in, in statements and in comments, so that what is
installed, described and documented has values.  The facts themselves stand in
`gphoton_db.mission`; limits that SQL and Python both enforce stand here.
"""

import math
import re
from collections.abc import Mapping

from gphoton_db import mission
from gphoton_db.mission import Band, Flag

MOST_BINS = 1_000_000
"""Bins of one leg that a light curve may have."""

RAMP_UP_ECLIPSES, RAMP_UP_BINS = range(12889, 13857), 3
"""Eclipses in which FUV was still being ramped up when visits began; bins that are doubtful."""

SHORTEST_STEP_S = 0.001
"""The shortest bin, s: times are whole milliseconds."""

LATEST_S = 4e9
"""The latest GALEX time, s: in the next century, and still a number of milliseconds."""

LARGEST_APERTURE_ARCSEC = 3600.0
"""Apertures do not reach beyond the field of view, which is 1.25 deg wide."""

LARGEST_CONE_ARCSEC = 36000.0
"""Radius of the largest cone in which photons are looked for."""

OFF_PLAN_DEG = 0.08 * 2 * mission.DETECTOR_RADIUS_DEG
"""A boresight further than this from the planned one, 8 % of a field, is a warning."""

PATCH_ZONES = 18
"""Zones of declination that the sky is cut into."""

PATCHES_OF_A_ZONE = 36
"""Patches, from RA 0 on, that each of them is cut into; the legs of each are listed together."""

PATCH_REACH_DEG = 0.8
"""Radius of the largest field that is listed in the patch of its boresight; a usual one is 0.64."""

WIDE_PATCH = 9999
"""Number of the patch with the legs whose field is larger."""

Constant = int | float | tuple[float, ...]


def _of_bands(name: str, values: Mapping[Band, Constant]) -> dict[str, Constant]:
    return {f"{band}_{name}": value for band, value in values.items()}


_CORNER_DEG = mission.DETECTOR_CORNER_DEG - mission.DETECTOR_RADIUS_DEG

CONSTANTS: Mapping[str, Constant] = {
    # The detector.
    "DETECTOR_PIXELS": mission.DETECTOR_PIXELS,
    "DETECTOR_CENTRE": mission.DETECTOR_CENTRE,
    "ON_DETECTOR_PIXELS": mission.ON_DETECTOR_PIXELS,
    "WIDE_EDGE_PIXELS": mission.WIDE_EDGE_PIXELS,
    "NARROW_EDGE_PIXELS": mission.NARROW_EDGE_PIXELS,
    "OFF_AXIS_DEG": mission.OFF_AXIS_DEG,
    "OFF_AXIS_PIXELS": mission.OFF_AXIS_DEG / mission.DETECTOR_PIXEL_DEG,
    "PIXEL_ARCSEC": mission.DETECTOR_PIXEL_DEG * 3600,
    "DETECTOR_RADIUS_DEG": mission.DETECTOR_RADIUS_DEG,
    "OFF_PLAN_DEG": OFF_PLAN_DEG,
    "DETECTOR_RADIUS_PIXELS": mission.DETECTOR_RADIUS_DEG / mission.DETECTOR_PIXEL_DEG,
    # How far the corners of the detector reach beyond the exposed field.
    "CORNER_DEG": math.ceil(_CORNER_DEG * 100) / 100,
    "CORNER_ARCSEC": math.ceil(_CORNER_DEG * 3600),
    # Exposure and rates.
    "SHUTTER_GAP_MS": mission.SHUTTER_GAP_MS,
    **_of_bands("DEAD_TIME_SLOPE", {b: model.slope for b, model in mission.DEAD_TIME.items()}),
    **_of_bands("DEAD_TIME_INTERCEPT", {b: m.intercept for b, m in mission.DEAD_TIME.items()}),
    **_of_bands("ZERO_POINT", mission.MAGNITUDE_ZERO_POINT),
    **_of_bands("UNIT_FLUX", mission.FLUX_OF_ONE_COUNT),
    **_of_bands("NONLINEAR_RATE", mission.NONLINEAR_RATE),
    "RAMP_UP_FIRST": RAMP_UP_ECLIPSES[0],
    "RAMP_UP_LAST": RAMP_UP_ECLIPSES[-1],
    "RAMP_UP_BINS": RAMP_UP_BINS,
    "LOW_RESPONSE": mission.LOW_RESPONSE,
    "LOW_PULSE_HEIGHT": mission.LOW_PULSE_HEIGHT,
    "CORRECTION_RADII": mission.CORRECTION_RADII,
    **_of_bands("APERTURE_CORRECTION", mission.APERTURE_CORRECTION),
    # Times and places.
    "GALEX_TO_UNIX_S": mission.GALEX_TO_UNIX_S,
    "GALEX_TO_UNIX_US": mission.GALEX_TO_UNIX_S * 1_000_000,
    "MJD_OF_UNIX_EPOCH": mission.MJD_OF_UNIX_EPOCH,
    "LEAP_SECOND_DAYS": mission.LEAP_SECOND_DAYS,
    "CELL_ORDER": mission.CELL_ORDER,
    "CELL_NSIDE": 2**mission.CELL_ORDER,
    # The index by place and by number.
    "ECLIPSES_PER_BLOCK": mission.ECLIPSES_PER_BLOCK,
    "PATCH_ZONES": PATCH_ZONES,
    "PATCH_REACH_DEG": PATCH_REACH_DEG,
    "PATCHES_OF_A_ZONE": PATCHES_OF_A_ZONE,
    "WIDE_PATCH": WIDE_PATCH,
    # Flags of photons.
    **{f"FLAG_{flag.name}": flag.value for flag in Flag},
    # Limits.
    "MOST_BINS": MOST_BINS,
    "SHORTEST_STEP_S": SHORTEST_STEP_S,
    "LATEST_S": LATEST_S,
    "LARGEST_APERTURE_ARCSEC": LARGEST_APERTURE_ARCSEC,
    "LARGEST_CONE_ARCSEC": LARGEST_CONE_ARCSEC,
}
"""What an SQL file may name; names of parameters and of what the catalogue fills in are small."""

CONSTANT = re.compile(r"\$([A-Z][A-Z0-9_]*)\b")
"""The name of a constant in an SQL file."""


def with_constants(text: str) -> str:
    """Return the text of an SQL file with values in the place of the names of constants."""
    return CONSTANT.sub(lambda found: written(CONSTANTS[found[1]]), text)


def written(constant: Constant) -> str:
    """Return a constant as SQL has it: the shortest number that is exactly it; lists by commas."""
    if isinstance(constant, tuple):
        return ", ".join(map(written, constant))
    if isinstance(constant, int):
        return str(constant)
    short = f"{constant:g}".replace("e+0", "e").replace("e+", "e")
    return short if float(short) == constant else repr(constant)
