"""What a notebook shows of products and archives."""

from pathlib import Path

from gphoton_db.archive import Archive
from tests.archives import SessionArchive, Star

PICTURE = '<img src="data:image/png;base64,iVBOR'


def test_an_image_is_shown_with_a_picture(one_leg: SessionArchive) -> None:
    with Archive(one_leg.archive_path) as archive:
        image = archive.image(one_leg.visit.eclipse, "NUV", pixel=6)
    shown = image._repr_html_()
    assert PICTURE in shown
    assert f"{image.header['PHOTCNT']:,}" in shown
    assert image.name in shown


def test_a_light_curve_is_shown_with_its_table(one_leg: SessionArchive) -> None:
    star = one_leg.star(Star.BRIGHT)
    with Archive(one_leg.archive_path) as archive:
        curve = archive.lightcurve(star.ra, star.dec)
    shown = curve._repr_html_()
    assert shown.startswith(PICTURE)
    assert "<table" in shown
    part = curve["time", "counts"]
    assert PICTURE not in part._repr_html_()
    assert PICTURE not in curve[:0]._repr_html_()


def test_an_archive_is_shown_in_numbers(one_leg: SessionArchive, tmp_path: Path) -> None:
    with Archive(one_leg.archive_path) as archive:
        (leg,) = archive.legs()
        shown = archive._repr_html_()
        assert f"1 eclipse, 1 leg, {leg.n_photons:,} photons" in shown
        assert leg.calibration not in shown  # of its 64 letters, the first eight are enough
    with Archive(tmp_path / "<none>") as none:
        assert "there is no archive" in none._repr_html_()
        assert "<none>" not in none._repr_html_()
