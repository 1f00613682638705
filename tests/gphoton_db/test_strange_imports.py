"""Imports into an archive from a stranger: nothing outside of it is written or removed."""

import shutil
from pathlib import Path

import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import ArchiveError
from gphoton_db.ingest.mast.partial import Origin, Partial
from gphoton_db.system.leftovers import abandoned_files, hidden_name
from tests.gphoton_db.archives import Sources
from tests.gphoton_db.test_pointing_import import tables_of, write
from tests.gphoton_db.test_strangers import victim

__all__ = ["victim"]


@pytest.mark.parametrize("name", ["pointing", "pointing/consolidated"])
def test_pointing_is_not_imported_to_elsewhere(name: str, fuv_copy: Path, victim: Path) -> None:
    (victim / "deep").rename(victim / "consolidated")
    place = fuv_copy / name
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(victim)
    tables = write(fuv_copy.parent / "tables", tables_of(700))
    with (
        pytest.raises(ArchiveError, match="leads out of the archive"),
        Archive(fuv_copy) as archive,
    ):
        archive.import_pointing(tables)
    assert place.is_symlink()


def test_pointing_of_before_that_is_elsewhere_stays(fuv_copy: Path, victim: Path) -> None:
    link = fuv_copy / "pointing" / "consolidated.old"
    link.parent.mkdir()
    link.symlink_to(victim)
    tables = write(fuv_copy.parent / "tables", tables_of(700))
    with Archive(fuv_copy) as archive:
        assert archive.import_pointing(tables).n_visits == 1
    assert not link.is_symlink()


@pytest.mark.parametrize("name", ["calibration", "calibration/mine", "calibration/fetched.jsonl"])
def test_calibration_is_not_imported_to_elsewhere(
    name: str, fuv_copy: Path, victim: Path, fuv: Sources
) -> None:
    place = fuv_copy / name
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(victim / "thesis.txt" if name.endswith("jsonl") else victim)
    few = fuv_copy.parent / "few"
    few.mkdir()
    shutil.copy(fuv.calibration / "CLK2_Sep2010.fits", few)
    chosen = "mine" if name.endswith("mine") else "default"
    with (
        pytest.raises(ArchiveError, match="leads out of the archive"),
        Archive(fuv_copy) as archive,
    ):
        archive.import_calibration(few, chosen)
    assert list(place.parent.glob("*.fits")) == []


def test_a_download_does_not_go_on_in_a_link(tmp_path: Path, victim: Path) -> None:
    partial = Partial(tmp_path / "e00500-nd-raw6.fits.gz")
    partial.begin(Origin("http://127.0.0.1/x", None, None, None))
    assert partial.origin() is not None
    partial.path.symlink_to(victim / "thesis.txt")
    assert partial.origin() is None
    partial.begin(Origin("http://127.0.0.1/x", None, None, None))
    assert not partial.path.is_symlink()


def test_verify_removes_what_killed_imports_left(fuv_copy: Path) -> None:
    with Archive(fuv_copy) as archive:
        archive.import_pointing(write(fuv_copy.parent / "tables", tables_of(700)))
        old = archive.paths.consolidated.with_name("consolidated.old")
        shutil.copytree(archive.paths.consolidated, old)
        calibration = archive.paths.calibration
        calibration.mkdir()
        hidden = calibration / hidden_name("NUV_flat.fits")
        machine, _, rest = hidden.name.rpartition("gphoton-")[2].split("-")
        hidden = hidden.with_name(f".NUV_flat.fits.gphoton-{machine}-999999999-{rest}")
        hidden.write_text("half")
        assert list(abandoned_files(calibration)) == [hidden]
        remarks = archive.verify().remarks
        assert any("consolidated.old/aspect.parquet" in remark for remark in remarks)
        assert any(hidden.name in remark for remark in remarks)
        assert archive.verify(repair=True).remarks == ()
        assert not old.exists()
        assert not hidden.exists()
        assert archive.paths.consolidated.is_dir()
