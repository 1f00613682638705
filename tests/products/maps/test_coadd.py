from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from tests.products.conftest import ECLIPSE, FIELDS

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.products.maps.coadd import How, coadd

RA0, DEC0 = FIELDS["ordinary"]


@pytest.fixture(scope="module")
def maps(products_root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Maps of the two FUV legs: of one place each, a degree from each other but overlapping."""
    folder = tmp_path_factory.mktemp("maps")
    with Archive(products_root) as archive:
        made = [
            archive.cutout(ECLIPSE, "FUV", RA0 + shift, DEC0, 0.5, leg=leg, pixel=6.0)
            for leg, shift in ((0, 0.4), (1, 0.65))
        ]
    return [each.write(folder / f"{leg}.fits", "none") for leg, each in enumerate(made)]


def counts_in(path: Path) -> float:
    return float(fits.getdata(path, "COUNT").sum(dtype=np.float64))


def test_a_sum_conserves_counts_and_names_the_calibration_of_its_images(maps: list[Path]) -> None:
    made = coadd(maps, how="sum")
    assert np.nansum(made.pixels) == pytest.approx(sum(map(counts_in, maps)), rel=0.01)
    assert made.exposure.max() == pytest.approx(
        sum(fits.getdata(path, "EXPOSURE").max() for path in maps), rel=1e-3
    )
    header = made.header
    assert {header["CALHASH"]} == {fits.getheader(path)["CALHASH"] for path in maps}
    assert "CALHSH2" not in header


def test_a_coadd_of_an_image_with_itself_is_that_image(maps: list[Path]) -> None:
    count, exposure = (fits.getdata(maps[0], name) for name in ("COUNT", "EXPOSURE"))
    seen = exposure > 0
    expected = {
        How.SUM: 2 * count,
        How.WEIGHTED: count / np.where(seen, exposure, 1),
        How.UNWEIGHTED: count / np.where(seen, exposure, 1),
    }
    for how in How:
        made = coadd([maps[0], maps[0]], how=how)
        np.testing.assert_allclose(made.pixels[seen], expected[how][seen], rtol=1e-6)
        np.testing.assert_allclose(made.exposure, 2 * exposure, rtol=1e-6)


def test_weighted_and_unweighted_differ_by_the_exposures(maps: list[Path], tmp_path: Path) -> None:
    doubled = tmp_path / "doubled.fits"
    with fits.open(maps[0]) as hdus:
        hdus["EXPOSURE"].data = hdus["EXPOSURE"].data * 3
        hdus.writeto(doubled)
    count = fits.getdata(maps[0], "COUNT")
    exposure = fits.getdata(maps[0], "EXPOSURE")
    seen = exposure > 0
    weighted = coadd([maps[0], doubled], how="weighted").pixels
    unweighted = coadd([maps[0], doubled], how="unweighted").pixels
    once = count[seen] / exposure[seen]
    np.testing.assert_allclose(weighted[seen], 2 * once / 4, rtol=1e-6)
    np.testing.assert_allclose(unweighted[seen], (once + once / 3) / 2, rtol=1e-6)


def test_images_can_be_coadded_too(archive: Archive, tmp_path: Path) -> None:
    image = archive.image(ECLIPSE, "NUV", pixel=12.0)
    path = image.write(tmp_path / "image.fits", "none")
    made = coadd([path, path], how="sum")
    seen = image.coverage > 0
    np.testing.assert_allclose(made.pixels[seen], 2 * image.count[seen], rtol=1e-6)
    assert made.exposure.max() == pytest.approx(2 * image.exposure, rel=1e-6)


@pytest.mark.parametrize(
    "compression",
    ["gzip", *(pytest.param(each, marks=pytest.mark.deep) for each in ("rice", "none"))],
)
def test_a_written_coadd_is_valid(maps: list[Path], tmp_path: Path, compression: str) -> None:
    path = coadd(maps, how="sum").write(tmp_path, compression)
    with fits.open(path, checksum=True) as hdus:
        hdus.verify("exception")
        assert [hdu.name for hdu in hdus[1:]] == ["COADD", "EXPOSURE"]
        assert (hdus[0].header["NFILE"], hdus[0].header["FILE1"]) == (2, "0.fits")


def test_what_cannot_be_coadded_is_an_error(
    maps: list[Path], archive: Archive, tmp_path: Path
) -> None:
    (other,) = archive.map(RA0, DEC0, 0.1, bands="NUV")
    far = tmp_path / "far.fits"
    with fits.open(maps[0]) as hdus:
        for hdu in hdus[1:]:
            hdu.header["CRVAL1"] += 30
            hdu.header["CRVAL2"] += 30
        hdus.writeto(far)
    with pytest.raises(ProductError, match="no files"):
        coadd([])
    with pytest.raises(ProductError, match=r"different bands \(FUV, NUV\)"):
        coadd([maps[0], other.write(tmp_path)])
    with pytest.raises(ProductError, match=r"more than .* nearer"):
        coadd([maps[0], far])
    with pytest.raises(ProductError, match="unknown way"):
        coadd(maps, how="median")
    with pytest.raises(ProductError, match=r"none.fits: cannot be read"):
        coadd([tmp_path / "none.fits"])
    fits.PrimaryHDU(np.zeros((3, 3))).writeto(tmp_path / "plain.fits")
    with pytest.raises(ProductError, match="neither image nor map"):
        coadd([tmp_path / "plain.fits"])
