import shutil
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from gphoton_db.calibration.identity import is_marked_synthetic
from gphoton_db.errors import CalibrationError
from gphoton_db.mission import Band
from gphoton_db.simulate.synthetic_calibration import CUBE_HEADER, write_synthetic_calibration


def test_every_file_of_the_real_set_is_there(
    synthetic_calibration: Path, reference_calibration: Path
) -> None:
    made_up, real = (
        {path.name for path in directory.iterdir()}
        for directory in (synthetic_calibration, reference_calibration)
    )
    assert made_up == real


def test_layout_is_that_of_the_real_set(
    synthetic_calibration: Path, reference_calibration: Path
) -> None:
    for path in sorted(reference_calibration.glob("*.fits")):
        with fits.open(path) as real, fits.open(synthetic_calibration / path.name) as made_up:
            assert len(made_up) == len(real), path.name
            if len(real) == 1:
                assert made_up[0].data.shape == real[0].data.shape, path.name
                assert made_up[0].data.dtype == real[0].data.dtype, path.name
            else:
                assert made_up[1].columns.names == real[1].columns.names, path.name
                assert made_up[1].data.dtype == real[1].data.dtype, path.name
            for key in ("Y_AS_0", "Y_AS_INC", *CUBE_HEADER):
                assert made_up[0].header.get(key) == real[0].header.get(key), path.name


@pytest.mark.parametrize("axis", ["x", "y"])
def test_offset_tables_have_the_real_layout(
    synthetic_calibration: Path, reference_calibration: Path, axis: str
) -> None:
    name = f"fuv_d{axis}_fdttdc_coef_0.tbl"
    real = (reference_calibration / name).read_text().splitlines()
    made_up = (synthetic_calibration / name).read_text().splitlines()
    assert [line[:9] for line in made_up] == [line[:9] for line in real]
    assert {len(line) for line in made_up[1:]} == {len(line) for line in real[1:]}


@pytest.mark.parametrize("band", ["NUV", "FUV"])
def test_every_kind_of_loss_is_in_the_tables(synthetic_calibration: Path, band: str) -> None:
    walk = fits.getdata(synthetic_calibration / f"{band}_walk_x.fits")
    flat = fits.getdata(synthetic_calibration / f"{band}_flat.fits")
    mask = fits.getdata(synthetic_calibration / f"{band}_mask.fits")
    assert (walk[:, 0, 0] == -999).all()
    assert (walk[:, 240, 240] != -999).all()
    assert flat[301, 501] == 0
    assert 50 < (mask == 0).sum() < 2000
    assert np.ptp(flat[350:450, 350:450]) > 0.02


def test_every_file_says_that_it_is_made_up(
    synthetic_calibration: Path, reference_calibration: Path
) -> None:
    for path in synthetic_calibration.iterdir():
        assert is_marked_synthetic(path), path.name
        assert not is_marked_synthetic(reference_calibration / path.name), path.name
    for path in synthetic_calibration.glob("*.fits"):
        header = fits.getheader(path)
        assert header["CALSET"] == "synthetic", path.name
        assert "Made-up values, not GALEX's" in str(header["COMMENT"]), path.name


def states(directory: Path) -> dict[str, tuple[int, int]]:
    """Return inode and time of the last change of every file."""
    stats = {path.name: path.stat() for path in directory.iterdir()}
    return {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in stats.items()}


@pytest.fixture(scope="module")
def of_fuv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_synthetic_calibration(tmp_path_factory.mktemp("fuv"), bands=[Band.FUV])


@pytest.fixture
def directory(of_fuv: Path, tmp_path: Path) -> Path:
    """A folder with the set of FUV, the smaller one."""
    return Path(shutil.copytree(of_fuv, tmp_path / "made-up"))


def test_a_set_that_is_there_is_kept(directory: Path) -> None:
    before = states(directory)
    assert write_synthetic_calibration(directory, bands=[Band.FUV]) == directory
    assert states(directory) == before


def test_a_set_that_was_broken_off_is_finished(directory: Path) -> None:
    # What a killed process leaves: some files, whole, and an unfinished one out of the way.
    whole = {path.name: path.read_bytes() for path in directory.iterdir()}
    (directory / ".unfinished-x").mkdir()
    shutil.move(directory / "FUV_walk_y.fits", directory / ".unfinished-x")
    (directory / "fuv_dy_fdttdc_coef_0.tbl").unlink()
    write_synthetic_calibration(directory, bands=[Band.FUV])
    assert {p.name: p.read_bytes() for p in directory.iterdir() if p.is_file()} == whole


def test_a_file_of_another_recipe_is_replaced(directory: Path) -> None:
    path = directory / "FUV_flat.fits"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"recipe 1)", b"recipe 0)"))
    write_synthetic_calibration(directory, bands=[Band.FUV])
    assert path.read_bytes() == whole


def test_a_real_set_is_never_replaced(directory: Path) -> None:
    path = directory / "FUV_flat.fits"
    fits.PrimaryHDU(np.ones((800, 800), np.float32)).writeto(path, overwrite=True)
    before = states(directory)
    with pytest.raises(CalibrationError, match=r"FUV_flat\.fits is there already and is not made"):
        write_synthetic_calibration(directory)
    assert states(directory) == before


def test_a_set_that_is_there_may_lie_in_a_folder_that_nobody_may_write(directory: Path) -> None:
    directory.chmod(0o555)
    try:
        assert write_synthetic_calibration(directory, bands=[Band.FUV]) == directory
    finally:
        directory.chmod(0o755)
