"""Sets of calibration files side by side: imported, verified, listed, and chosen by name."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from gphoton_db.archive import Archive
from gphoton_db.calibration import CalibrationSet
from gphoton_db.calibration.fetched import LOG, fetched_files
from gphoton_db.calibration.hashes import hash_file, read_hash_list
from gphoton_db.calibration.sets import all_files, chosen_folder, files_of, set_folder
from gphoton_db.calibration.verify import CheckedSet
from gphoton_db.errors import CalibrationError, OfflineError
from gphoton_db.mission import Band
from gphoton_db.service import ServiceOptions

SMALL = ("NUV_wiggle_x.fits", "NUV_wiggle_y.fits", "WIG2_Sep2010.fits", "fuv_dx_fdttdc_coef_0.tbl")


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


@pytest.fixture
def small(synthetic_calibration: Path, tmp_path: Path) -> Path:
    """A folder with a few of the files."""
    folder = tmp_path / "small"
    folder.mkdir()
    for name in SMALL:
        shutil.copy(synthetic_calibration / name, folder)
    (folder / "README").write_text("of somebody's")
    return folder


def change(path: Path) -> None:
    """Make another file of it, of the same form."""
    with fits.open(path, mode="update") as hdus:
        hdus[0].data = hdus[0].data + np.float32(1)


def states(checked: CheckedSet) -> dict[str, str]:
    return {file.name: str(file.state) for file in checked.files if file.name in SMALL}


def test_there_is_a_file_for_every_use() -> None:
    names = set(all_files())
    assert {"NUV_flat.fits", "FUV_walk_y.fits", "nuv_distortion_cube_dxb.fits"} <= names
    assert {file.name for file in files_of(Band.NUV, Band.FUV)} == names
    assert not any(name.lower().startswith("fuv") for name in (f.name for f in files_of(Band.NUV)))


def test_an_import_copies_records_and_can_be_verified(archive: Archive, small: Path) -> None:
    done = archive.import_calibration(small)
    assert sorted(done.imported) == sorted(SMALL)
    assert done.folder == archive.paths.calibration
    assert "NUV_flat.fits" in done.missing
    for name in SMALL:
        assert (done.folder / name).read_bytes() == (small / name).read_bytes()
    assert {path.name for path in done.folder.iterdir()} == {*SMALL, LOG}
    assert set(fetched_files(done.folder)) == set(SMALL)
    checked = archive.verify_calibration()
    assert states(checked) == dict.fromkeys(SMALL, "good")
    assert (checked.wrong, checked.identifiers) == ((), {})
    assert sorted(archive.import_calibration(small).unchanged) == sorted(SMALL)


def test_a_file_that_changed_is_found(archive: Archive, small: Path) -> None:
    folder = archive.import_calibration(small).folder
    change(folder / SMALL[0])
    (folder / SMALL[3]).write_text("| not a table\n")
    (wrong, other) = archive.verify_calibration().wrong
    assert (wrong.name, wrong.state, other.name, other.state) == (
        *(SMALL[0], "changed"),
        *(SMALL[3], "changed"),
    )
    assert "as it was when it came" in wrong.message
    assert [file.name for file in archive.calibration_sets()["default"].wrong] == [
        wrong.name,
        other.name,
    ]


def test_files_that_nobody_recorded_are_checked_by_their_form(
    small: Path, archive: Archive
) -> None:
    (small / SMALL[0]).write_bytes(b"SIMPLE  =                    T")
    (small / SMALL[3]).write_text("1 2 3\n")
    checked = archive.verify_calibration(small)
    assert states(checked) == dict(zip(SMALL, ("damaged", "good", "good", "damaged"), strict=True))


def test_bad_files_are_refused_before_anything_is_copied(archive: Archive, small: Path) -> None:
    with fits.open(small / SMALL[1], mode="update") as hdus:
        hdus[0].data = hdus[0].data[:, :100]
    with pytest.raises(CalibrationError, match=r"expected an array of 32 x 480, found 32 x 100"):
        archive.import_calibration(small)
    assert not archive.paths.calibration.exists()
    with pytest.raises(CalibrationError, match="holds none of the"):
        archive.import_calibration(archive.paths.root)
    with pytest.raises(CalibrationError, match="no such calibration directory"):
        archive.import_calibration(small / "nowhere")


def test_other_files_make_another_set_or_replace_on_demand(archive: Archive, small: Path) -> None:
    archive.import_calibration(small)
    before = (archive.paths.calibration / SMALL[0]).read_bytes()
    change(small / SMALL[0])
    with pytest.raises(CalibrationError, match=rf"has another {SMALL[0]}: import them as a set"):
        archive.import_calibration(small)
    assert (archive.paths.calibration / SMALL[0]).read_bytes() == before
    other = archive.import_calibration(small, "mine").folder
    assert other == archive.paths.calibration / "mine"
    assert list(archive.calibration_sets()) == ["default", "mine"]
    assert archive.import_calibration(small, force=True).replaced == (SMALL[0],)
    assert not archive.verify_calibration().wrong


def test_files_that_are_in_their_place_already_are_recorded(archive: Archive, small: Path) -> None:
    folder = archive.paths.calibration
    shutil.copytree(small, folder)
    assert sorted(archive.import_calibration(folder).imported) == sorted(SMALL)
    change(folder / SMALL[0])
    with pytest.raises(CalibrationError, match="has another"):
        archive.import_calibration(folder)
    assert archive.import_calibration(folder, force=True).replaced == (SMALL[0],)
    assert not archive.verify_calibration().wrong


def test_lists_of_hashes_are_of_sha256sum_or_git(
    archive: Archive, small: Path, tmp_path: Path
) -> None:
    listed = tmp_path / "hashes"
    first, second, *_ = SMALL
    blob = subprocess.run(
        ["git", "hash-object", small / second], capture_output=True, text=True, check=True
    ).stdout.strip()
    sha256 = hash_file(small / first).sha256
    assert hash_file(small / second).git_blob == blob
    listed.write_text(
        f"# of the mission\n{sha256} *cal/{first}\n100644 blob {blob}    1234\tcal/{second}\n"
    )
    assert read_hash_list(listed) == {first: sha256, second: blob}
    assert archive.import_calibration(small, hashes=listed).imported
    listed.write_text(f"{sha256}  {second}\n")
    (wrong,) = archive.verify_calibration(hashes=listed).wrong
    assert (wrong.name, wrong.state) == (second, "other")
    with pytest.raises(CalibrationError, match="as the list says"):
        archive.import_calibration(small, "another", hashes=listed)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("abc  NUV_flat.fits", "line 1: write a SHA-256"),
        (f"{'0' * 64}", "line 1: write a SHA-256"),
        (f"{'0' * 40} a\n\n{'1' * 40} b/a", "line 3: another hash of a"),
    ],
)
def test_a_list_that_is_none_is_an_error(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "list").write_text(text)
    with pytest.raises(CalibrationError, match=message):
        read_hash_list(tmp_path / "list")
    with pytest.raises(CalibrationError, match="cannot be read"):
        read_hash_list(tmp_path / "none")


@pytest.mark.parametrize("name", ["../other", "/etc", "", "a/b", ".hidden", "x" * 65])
def test_names_that_lead_elsewhere_are_refused(name: str, archive: Archive, small: Path) -> None:
    with pytest.raises(CalibrationError, match="cannot be the name of a calibration set"):
        archive.import_calibration(small, name)


def test_a_set_is_chosen_by_name_or_path(
    archive: Archive, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = archive.paths.calibration
    mine = archive.import_calibration(small, "mine").folder
    assert chosen_folder(root, "mine") == mine == set_folder(root, "mine")
    assert chosen_folder(root, "default") == root
    assert chosen_folder(root, small) == small
    assert chosen_folder(root, "nowhere") == Path("nowhere")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    assert chosen_folder(root, "mine") == Path("mine")


def test_a_complete_set_is_called_what_legs_call_it(
    archive: Archive, synthetic_calibration: Path
) -> None:
    checked = archive.verify_calibration(synthetic_calibration)
    assert not checked.wrong
    for band in Band:
        loaded = CalibrationSet.load(synthetic_calibration, band, 23500)
        assert checked.identifiers[str(band)] == loaded.identifier


def test_offline_nothing_is_fetched_and_what_is_missing_is_named(
    archive: Archive, small: Path
) -> None:
    archive.import_calibration(small)
    with pytest.raises(OfflineError, match=r"lacks NUV_flat.fits.*calibration import"):
        archive.fetch_calibration(service=ServiceOptions(offline=True))
