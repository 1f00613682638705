"""The closed loop notices a calibration that is a little off: it can fail."""

from collections.abc import Callable
from pathlib import Path

import pytest
from astropy.io import fits

from gphoton_db.simulate.visit import Visit
from tests.closed_loop.conftest import MakeVisit
from tests.closed_loop.recovery import Recovery

Reduce = Callable[[Visit, Path], Recovery]
Shifted = Callable[..., Path]


@pytest.fixture
def shifted(synthetic_calibration: Path, tmp_path: Path) -> Shifted:
    """Return a copy of the calibration with one table times `factor` plus `shift`."""

    def copied(name: str, *, factor: float = 1.0, shift: float = 0.0) -> Path:
        directory = tmp_path / "shifted"
        directory.mkdir()
        for path in synthetic_calibration.iterdir():
            (directory / path.name).symlink_to(path)
        (directory / name).unlink()
        data, header = fits.getdata(synthetic_calibration / name, header=True)
        fits.PrimaryHDU(data * data.dtype.type(factor) + data.dtype.type(shift), header).writeto(
            directory / name
        )
        return directory

    return copied


def test_linearity_off_by_50_milliarcsec_is_noticed(
    visit_of: MakeVisit, reduced_with: Reduce, shifted: Shifted
) -> None:
    visit = visit_of("NUV")
    recovery = reduced_with(visit, shifted("NUV_NLC_x_det2sky.fits", shift=0.05))
    assert recovery.shortcomings() == ("east", "north")
    # The detector's x points somewhere between west and north: the roll is 112.7 degrees.
    assert recovery.east**2 + recovery.north**2 == pytest.approx(0.05**2, rel=0.1)


def test_a_flat_off_by_5_percent_is_noticed(
    visit_of: MakeVisit, reduced_with: Reduce, shifted: Shifted
) -> None:
    recovery = reduced_with(visit_of("NUV"), shifted("NUV_flat.fits", factor=1.05))
    assert {"chi_square", "brightness_pull"} <= set(recovery.shortcomings())
    assert recovery.brightness_pull < -10


@pytest.mark.deep  # as well as linearity
def test_a_distortion_off_by_a_tenth_of_a_pixel_is_noticed(
    visit_of: MakeVisit, reduced_with: Reduce, shifted: Shifted
) -> None:
    recovery = reduced_with(visit_of("FUV"), shifted("fuv_distortion_cube_dy.fits", shift=0.1))
    # 0.1 cells of 1.5 arcsec.
    assert recovery.shortcomings() == ("east", "north")
    assert recovery.east**2 + recovery.north**2 == pytest.approx(0.15**2, rel=0.1)
