"""Input that may be right but is odd is ingested, and the log of the ingests says what it was."""

import logging
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from astropy.io import fits

from gphoton_db.archive import Archive
from gphoton_db.errors import PointingError
from tests.gphoton_db.archives import Sources, ingest


def messages(archive: Archive) -> list[str | None]:
    rows = archive.query("SELECT outcome, message FROM ingests ORDER BY started_at").rows()
    return [row["message"] for row in rows]


def with_pointing(sources: Sources, folder: Path) -> Sources:
    """Return the same sources with a copy of their refined aspect and spacecraft state."""
    folder.mkdir()
    for form in ("*asprta*", "*scst*"):
        for path in sources.pointing.glob(form):
            shutil.copy(path, folder)
    return replace(sources, pointing=folder)


def test_nothing_odd_is_no_message(full: Archive) -> None:
    assert messages(full) == [None, None]


def test_a_missing_leg_and_odd_calibration_are_said_and_stored(
    nuv: Sources, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sources = with_pointing(nuv, tmp_path / "pointing")
    (sources.pointing / "e23500-b01-asprta.fits.gz").unlink()
    directory = tmp_path / "calibration"
    directory.mkdir()
    for path in nuv.calibration.iterdir():
        (directory / path.name).symlink_to(path)
    name = directory / "NUV_walk_x.fits"
    with fits.open(name, memmap=False) as hdus:
        hdu = hdus[0].copy()
    hdu.data[:, 120:360, 120:360] = -999
    name.unlink()
    hdu.writeto(name)
    with (
        Archive(tmp_path / "archive", create=True) as archive,
        caplog.at_level(logging.WARNING),
    ):
        assert len(ingest(archive, replace(sources, calibration=directory)).legs) == 1
        (said,) = messages(archive)
    assert said is not None
    assert "eclipse 23500: 2 legs were planned, and there is pointing of 1" in said
    assert "NUV_walk_x.fits: 36 % of its values within the field are -999" in said
    assert "eclipse 23500 leg 0: " in said
    assert "% of its photons with good aspect have no position" in said
    assert {*said.split("; ")} <= {*caplog.messages}


def test_aspect_beside_its_boresight_makes_no_archive_wrong(nuv: Sources, tmp_path: Path) -> None:
    sources = with_pointing(nuv, tmp_path / "pointing")
    path = sources.pointing / "e23500-b00-asprta.fits.gz"
    with fits.open(path, memmap=False) as hdus:
        moved = fits.HDUList([hdu.copy() for hdu in hdus])
    moved[1].data["dec"] += 30.0
    moved.writeto(path, overwrite=True)
    with Archive(tmp_path / "archive", create=True) as archive:
        with pytest.raises(PointingError, match="points 30 deg away from the leg's boresight"):
            ingest(archive, sources)
        assert archive.legs() == []
