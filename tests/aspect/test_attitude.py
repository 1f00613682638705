"""Attitude that cannot be where a leg looked is refused; what is odd is said, and kept."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gphoton_db.aspect.attitude import missing_legs
from gphoton_db.aspect.pointing import Pointing
from gphoton_db.aspect.read import read_pointing
from gphoton_db.errors import PointingError

Make = Callable[..., dict[str, np.ndarray[Any, Any]]]
Write = Callable[..., Path]

ECLIPSE = 23456
RA0, DEC0, ROLL0 = 323.5, -2.0, 110.0


@pytest.fixture
def read(tmp_path: Path, dither: Make, write_fits: Write) -> Callable[..., Pointing]:
    """Read the refined aspect of a leg, after a change of its rows or header."""

    def make(
        change: Callable[[dict[str, Any]], None] = lambda rows: None,
        *,
        eclipse: int = ECLIPSE,
        legs: tuple[int, ...] = (0,),
        **header: Any,
    ) -> Pointing:
        for leg in legs:
            rows = dither([(RA0 + leg, DEC0)], t0=874361240.995 + 1000 * leg)
            change(rows)
            keywords = {"RA_CENT": RA0 + leg, "DEC_CENT": DEC0, "ROLL": ROLL0, **header}
            path = tmp_path / f"e{eclipse:05d}-b{leg:02d}-asprta.fits.gz"
            write_fits(path, {"ECLIPSE": eclipse, **keywords}, rows)
        return read_pointing(tmp_path, eclipse)

    return make


def state(write_fits: Write, folder: Path, *, ra: float, planned: int = 1) -> None:
    """Write a spacecraft state of the same seconds that looks at one place."""
    n = 100
    write_fits(
        folder / f"e{ECLIPSE:05d}-scst.fits.gz",
        {"ECLIPSE": ECLIPSE, "MPSNPOS": planned},
        {
            "pktime": 874361240.995 + np.arange(n),
            "ra_acs": np.full(n, ra),
            "dec_acs": np.full(n, DEC0),
            "roll_acs": np.full(n, ROLL0),
            "hvnom_nuv": np.ones(n),
            "hvnom_fuv": np.ones(n),
        },
    )


def moved(**by: float) -> Callable[[dict[str, Any]], None]:
    def change(rows: dict[str, Any]) -> None:
        for name, step in by.items():
            rows[name] = rows[name] + step

    return change


def row_moved(name: str, row: int, by: float) -> Callable[[dict[str, Any]], None]:
    def change(rows: dict[str, Any]) -> None:
        rows[name][row] += by

    return change


def nowhere(rows: dict[str, Any]) -> None:
    rows["ra"][:] = rows["dec"][:] = 0.0


def test_a_dither_about_its_boresight_is_right(read: Callable[..., Pointing]) -> None:
    assert read().warnings == ()


@pytest.mark.parametrize("offset", [0.3, 1.0, 5.0, 30.0])
def test_aspect_far_from_its_boresight_is_refused(
    read: Callable[..., Pointing], offset: float
) -> None:
    with pytest.raises(PointingError, match=rf"points {offset:g}\S* deg away from the leg's"):
        read(moved(dec=offset))


def test_a_boresight_far_from_the_aspect_is_refused(read: Callable[..., Pointing]) -> None:
    with pytest.raises(PointingError, match="deg away from the leg's boresight"):
        read(RA_CENT=1e300)


def test_a_drift_scan_may_leave_its_boresight(read: Callable[..., Pointing]) -> None:
    (said,) = read(moved(dec=2.0), eclipse=48000).warnings
    assert "eclipse 48000 leg 0: its aspect points 2" in said


@pytest.mark.parametrize("given", [True, False])
def test_aspect_at_0_0_is_refused(read: Callable[..., Pointing], given: bool) -> None:
    header = {} if given else {"RA_CENT": 0.0, "DEC_CENT": 0.0}
    with pytest.raises(PointingError, match="ra and dec of its aspect are 0 in most rows"):
        read(nowhere, **header)


@pytest.mark.parametrize(("name", "value"), [("ra", 1e300), ("roll", 1e12), ("roll", -900.0)])
def test_what_is_no_angle_is_refused(
    read: Callable[..., Pointing], name: str, value: float
) -> None:
    with pytest.raises(PointingError, match=rf"e23456-b00-asprta.* {name} = \S+ deg at t = 8743"):
        read(row_moved(name, 40, value))


def test_what_is_no_angle_may_stand_in_rows_that_are_not_used(
    read: Callable[..., Pointing],
) -> None:
    def change(rows: dict[str, Any]) -> None:
        rows["ra"][40] = -9999.0
        rows["status_flag"][40] = 1

    assert read(change).warnings == ()


def test_a_jump_that_no_spacecraft_makes_is_refused(read: Callable[..., Pointing]) -> None:
    with pytest.raises(PointingError, match=r"jumps by 3 deg in 1 s at t = 874361280\.995"):
        read(row_moved("dec", 40, 3.0))


def test_a_row_off_its_neighbours_is_said(
    read: Callable[..., Pointing], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        (said,) = read(row_moved("dec", 40, 30 / 3600)).warnings
    assert "3 rows of its aspect, the first at t = 874361279.995, are over 10 arcsec off" in said
    assert said in caplog.messages


def test_a_turned_leg_is_said(read: Callable[..., Pointing]) -> None:
    (said,) = read(moved(roll=90.0)).warnings
    assert "the roll of its aspect (about 200.0 deg) is 90 deg off that of its boresight" in said


def test_aspect_and_boresight_of_another_place_than_the_spacecraft_are_refused(
    read: Callable[..., Pointing], tmp_path: Path, write_fits: Write
) -> None:
    state(write_fits, tmp_path, ra=RA0 + 3.0)
    with pytest.raises(PointingError, match="its refined aspect is 3 deg away from the coarse"):
        read()


def test_aspect_where_the_spacecraft_says_is_right(
    read: Callable[..., Pointing], tmp_path: Path, write_fits: Write
) -> None:
    state(write_fits, tmp_path, ra=RA0 + 0.02)
    assert read().warnings == ()


def test_a_leg_missing_between_others_is_said(read: Callable[..., Pointing]) -> None:
    (said,) = read(legs=(0, 1, 3)).warnings
    assert said == (
        "eclipse 23456: no pointing of leg 2, though leg 3 is there: its photons are left out"
    )


def test_planned_legs_that_are_missing_are_said(
    read: Callable[..., Pointing], tmp_path: Path, write_fits: Write
) -> None:
    state(write_fits, tmp_path, ra=RA0, planned=4)
    (said,) = read().warnings
    assert "4 legs were planned, and there is pointing of 1" in said


def test_missing_legs_are_named_up_to_ten() -> None:
    (said,) = missing_legs([20], None, 1)
    assert "leg 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ..., though leg 20" in said
    assert missing_legs([0, 1], 2, 1) == []
