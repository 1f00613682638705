"""DS9 shows an event list as a picture, with coordinates."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from tests.archives import SessionArchive, Star
from tests.interoperability.conftest import Program


# astropy fills in a date of the epoch that DS9 leaves out of its picture.
@pytest.mark.filterwarnings("ignore:'datfix' made the change")
def test_ds9_shows_an_event_list_with_coordinates(
    seen: SessionArchive, files: Path, program: Program, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.fits"
    words = [str(files / "events.fits"), "-save", "fits", str(picture), "-exit"]
    subprocess.run(
        [program("xvfb-run"), "-a", program("ds9"), *words], check=True, timeout=300, cwd=tmp_path
    )
    with fits.open(picture) as hdus:
        hdu = next(each for each in hdus if each.data is not None)
        wcs, image = WCS(hdu.header), np.asarray(hdu.data, float)
    assert image.sum() == fits.getheader(files / "events.fits", 1)["NAXIS2"]
    star = seen.star(Star.PULSATING)
    rows, columns = np.indices(image.shape)
    x, y = (float((image * at).sum() / image.sum()) for at in (columns, rows))
    ra, dec = wcs.wcs_pix2world([[x, y]], 0)[0]
    beside = np.hypot((ra - star.ra) * np.cos(np.radians(star.dec)), dec - star.dec)
    assert beside * 3600 < 2.0
