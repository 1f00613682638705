"""Checks of the values in calibration files; `ranges` says what they may be."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gphoton_db.calibration.ranges import (
    CUBE,
    FIELD_ARCSEC,
    HEADER_RANGES,
    INNER_PIXELS,
    LOWEST_INNER_FLAT,
    MOST_DEAD,
    MOST_HOTSPOTS,
    NO_WALK,
    USUAL_WALK_GAPS,
    ValueRange,
)
from gphoton_db.errors import CalibrationError


def check_range(path: Path, values: NDArray[np.floating], allowed: ValueRange) -> None:
    """Check values against their range.

    Raises
    ------
    CalibrationError
        If one is no number or out of the range; the message says which, and how many there are.
    """
    if _all_within(values, allowed):
        return
    wrong = ~((values >= allowed.low) & (values <= allowed.high))  # also true of NaN
    if allowed.missing is not None:
        wrong &= values != allowed.missing
    if n := int(wrong.sum()):
        first = values[wrong][0]
        raise CalibrationError(
            f"{path}: {n} of {values.size} values lie outside {allowed.low:g}..{allowed.high:g} "
            f"({allowed.source}), the first is {first:g}: the file is damaged or in another unit; "
            "fetch it again (gphoton-db calibration fetch)"
        )


def check_keywords(path: Path, header: Mapping[str, float]) -> None:
    """Check the keywords of a header that say where bins or cells are.

    Raises
    ------
    CalibrationError
        If one is out of its range in `HEADER_RANGES`.
    """
    for name, value in header.items():
        low, high = HEADER_RANGES[name]
        if not low <= value <= high:
            raise CalibrationError(
                f"{path}: {name} = {value:g} lies outside {low:g}..{high:g}: its header is "
                "damaged; fetch it again (gphoton-db calibration fetch)"
            )


def check_flat(path: Path, flat: NDArray[np.float32]) -> None:
    """Check that a flat, (800, 800), lets photons have weights.

    Raises
    ------
    CalibrationError
        If too much of its inner part is 0, or so small that weights are absurd.
    """
    inner = flat[_radius_of(flat.shape) < INNER_PIXELS]
    dead = float((inner == 0).mean())
    if dead > MOST_DEAD:
        raise CalibrationError(
            f"{path}: {100 * dead:.0f} % of its inner part are 0, so photons there would have no "
            "weight: the file is damaged; fetch it again (gphoton-db calibration fetch)"
        )
    lowest = float(inner[inner > 0].min())
    if lowest < LOWEST_INNER_FLAT:
        raise CalibrationError(
            f"{path}: a response of {lowest:g} within {INNER_PIXELS:g} pixels of the centre (at "
            f"least {LOWEST_INNER_FLAT} or 0 is possible): the file is damaged; fetch it again "
            "(gphoton-db calibration fetch)"
        )


def check_mask(path: Path, mask: NDArray[np.float32]) -> None:
    """Check a mask, (800, 800), of 0 (hotspot) and 1.

    Raises
    ------
    CalibrationError
        If it holds anything else, or too many hotspots.
    """
    if not np.isin(mask, (0.0, 1.0)).all():
        raise CalibrationError(
            f"{path}: holds other values than 0 (hotspot) and 1: the file is damaged; fetch it "
            "again (gphoton-db calibration fetch)"
        )
    hot = float((mask[_radius_of(mask.shape) < FIELD_ARCSEC / 6] == 0).mean())
    if hot > MOST_HOTSPOTS:
        raise CalibrationError(
            f"{path}: {100 * hot:.0f} % of the field are hotspots, more than "
            f"{100 * MOST_HOTSPOTS:.0f} %: the file is damaged; fetch it again (gphoton-db "
            "calibration fetch)"
        )


def check_cube(path: Path, cube: NDArray[np.float32], header: Mapping[str, float]) -> None:
    """Check the part of a distortion cube, (depth, row, column), where photons are.

    Raises
    ------
    CalibrationError
        If a value there is no number, or no shift of a photon.
    """
    x, y = (
        header[f"DC_{axis}0"] + header[f"DC_D{axis}"] * np.arange(cells)
        for axis, cells in (("X", cube.shape[2]), ("Y", cube.shape[1]))
    )
    check_range(path, cube[:, np.hypot(y[:, None], x[None, :]) < FIELD_ARCSEC], CUBE)


def odd_walk(path: Path, walk: NDArray[np.float32]) -> list[str]:
    """Return what is odd about a walk table, (32, 480, 480), and may be right."""
    field = _radius_of(walk.shape[1:]) < FIELD_ARCSEC / 10
    each = (walk == NO_WALK).sum(axis=0, dtype=np.uint8)[field]
    missing = float(each.mean()) / len(walk)
    if missing <= USUAL_WALK_GAPS:
        return []
    return [
        f"{path}: {100 * missing:.0f} % of its values within the field are {NO_WALK:g}: photons "
        "there get no position"
    ]


def odd_cube(path: Path, shape: tuple[int, ...], header: Mapping[str, float]) -> list[str]:
    """Return what is odd about the place of a distortion cube, and may be right."""
    ends = [
        (header[f"DC_{axis}0"], header[f"DC_{axis}0"] + header[f"DC_D{axis}"] * cells)
        for axis, cells in (("X", shape[2]), ("Y", shape[1]))
    ]
    if all(min(end) <= -FIELD_ARCSEC and max(end) >= FIELD_ARCSEC for end in ends):
        return []
    return [f"{path}: does not cover the field: photons beyond it get no position"]


def _all_within(values: NDArray[np.floating], allowed: ValueRange) -> bool:
    """Return whether all values are in a range: in few passes, for walk has 15 million."""
    if not values.size:
        return True
    least, largest = values.min(), values.max()  # NaN where there is any
    if not largest <= allowed.high or allowed.missing is None:
        return bool(least >= allowed.low and largest <= allowed.high)
    below = np.count_nonzero(values < allowed.low)
    return bool(below == np.count_nonzero(values == allowed.missing))


def _radius_of(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the distance of each cell of a table from its centre, in cells."""
    rows, columns = (np.arange(n) - (n - 1) / 2 for n in shape)
    return np.asarray(np.hypot(rows[:, None], columns[None, :]))
