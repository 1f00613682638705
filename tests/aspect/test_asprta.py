from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gphoton_db.aspect.asprta import eclipse_in_name, read_asprta, read_asprta_legs
from gphoton_db.aspect.pointing import Boresight
from gphoton_db.errors import PointingError

Write = Callable[..., Path]
Dither = Callable[..., dict[str, Any]]

HEADER = {"LEG": 0, "RA_CENT": 10.0, "DEC_CENT": -2.0, "ROLL": 112.0}


@pytest.mark.parametrize(
    ("name", "eclipse"),
    [("e23456-b00-asprta.fits.gz", 23456), ("E00042-scst.fits", 42), ("MIS_1-asprta.fits", None)],
)
def test_the_eclipse_is_read_from_the_name(name: str, eclipse: int | None) -> None:
    assert eclipse_in_name(Path("e1-somewhere") / name) == eclipse


@pytest.mark.parametrize("name", ["e23456-b00-asprta.fits", "e23456-b00-asprta.fits.gz"])
def test_a_leg_is_read_with_its_header_and_every_row(
    tmp_path: Path, dither: Dither, write_asprta: Write, name: str
) -> None:
    rows = dither([(10.0, -2.0)])
    rows["status_flag"][:3] = 1
    leg = read_asprta(write_asprta(tmp_path / name, rows, **HEADER), 23456)
    assert leg.number == 0
    assert leg.boresight == Boresight(10.0, -2.0, 112.0)
    np.testing.assert_array_equal(leg.aspect.time_ms, np.rint(rows["t"] * 1000))
    np.testing.assert_array_equal(leg.aspect.ra, rows["ra"])
    np.testing.assert_array_equal(leg.aspect.flags, rows["status_flag"])


def test_the_leg_number_comes_from_the_header_or_else_the_name(
    tmp_path: Path, dither: Dither, write_asprta: Write
) -> None:
    rows = dither([(10.0, -2.0)])
    named = write_asprta(tmp_path / "e23456-b02-asprta.fits", rows)
    both = write_asprta(tmp_path / "e23456-b03-asprta.fits", rows, LEG=1)
    neither = write_asprta(tmp_path / "asprta.fits", rows)
    assert [read_asprta(p, 23456).number for p in (named, both, neither)] == [2, 1, 0]


@pytest.mark.parametrize("target", [(10.0, -2.0), (0.0, 30.0), (200.0, 89.9)])
def test_without_a_header_boresight_it_is_the_centre_of_the_dither(
    tmp_path: Path, dither: Dither, write_asprta: Write, target: tuple[float, float]
) -> None:
    path = write_asprta(tmp_path / "e23456-b00-asprta.fits", dither([target], roll=-1.0))
    boresight = read_asprta(path, 23456).boresight
    assert (boresight.ra0 - target[0] + 180) % 360 - 180 == pytest.approx(0, abs=3)
    assert boresight.dec0 == pytest.approx(target[1], abs=0.01)
    assert boresight.roll0 == pytest.approx(359.0)


def test_column_names_may_be_upper_case(
    tmp_path: Path, dither: Dither, write_asprta: Write
) -> None:
    rows = {name.upper(): column for name, column in dither([(10.0, -2.0)]).items()}
    leg = read_asprta(write_asprta(tmp_path / "e23456-b00-asprta.fits", rows), 23456)
    assert len(leg.aspect) == 100


def test_a_missing_column_is_an_error(tmp_path: Path, dither: Dither, write_asprta: Write) -> None:
    rows = dither([(10.0, -2.0)])
    del rows["status_flag"], rows["roll"]
    path = write_asprta(tmp_path / "e23456-b00-asprta.fits", rows)
    with pytest.raises(PointingError, match=r"b00-asprta\.fits: .*missing: roll.*; flags or"):
        read_asprta(path, 23456)


def test_a_file_of_another_eclipse_is_an_error(
    tmp_path: Path, dither: Dither, write_asprta: Write
) -> None:
    rows = dither([(10.0, -2.0)])
    with pytest.raises(PointingError, match="header says eclipse 23456, not 23457"):
        read_asprta(write_asprta(tmp_path / "e23457-b00-asprta.fits", rows), 23457)
    with pytest.raises(PointingError, match="name says eclipse 23457, not 23456"):
        read_asprta(write_asprta(tmp_path / "e23457-b00-asprta.fits", rows), 23456)
    with pytest.raises(PointingError, match="neither header nor name"):
        read_asprta(write_asprta(tmp_path / "asprta.fits", rows, ECLIPSE=None), 23456)


@pytest.mark.parametrize("header", [{"LEG": -1}, {"LEG": 0.5}, HEADER | {"DEC_CENT": 99.0}])
def test_an_impossible_header_is_an_error(
    tmp_path: Path, dither: Dither, write_asprta: Write, header: dict[str, float]
) -> None:
    path = write_asprta(tmp_path / "e23456-b00-asprta.fits", dither([(10.0, -2.0)]), **header)
    with pytest.raises(PointingError, match=r"e23456-b00-asprta\.fits"):
        read_asprta(path, 23456)


def test_legs_come_in_order_of_their_numbers(
    tmp_path: Path, dither: Dither, write_asprta: Write
) -> None:
    paths = [
        write_asprta(
            tmp_path / f"e23456-b{k:02d}-asprta.fits.gz",
            dither([(10.0 + k, 0.0)], t0=1000.0 + 200 * k),
        )
        for k in (1, 0, 2)
    ]
    assert [leg.number for leg in read_asprta_legs(paths, 23456)] == [0, 1, 2]


def test_two_files_of_one_leg_are_an_error(
    tmp_path: Path, dither: Dither, write_asprta: Write
) -> None:
    rows = dither([(10.0, 0.0)])
    paths = [write_asprta(tmp_path / f"e23456-b{k:02d}-asprta.fits", rows, LEG=0) for k in (0, 1)]
    with pytest.raises(PointingError, match="both leg 0 of eclipse 23456"):
        read_asprta_legs(paths, 23456)


def test_legs_that_overlap_in_time_are_an_error(
    tmp_path: Path, dither: Dither, write_asprta: Write
) -> None:
    rows = dither([(10.0, 0.0)])
    paths = [write_asprta(tmp_path / f"e23456-b{k:02d}-asprta.fits", rows) for k in (0, 1)]
    with pytest.raises(PointingError, match="does not end before"):
        read_asprta_legs(paths, 23456)
