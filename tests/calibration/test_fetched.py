"""Calibration files that were fetched stay what they were, or the set is refused."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from gphoton_db.calibration import CalibrationSet
from gphoton_db.calibration.fetched import LOG, check_fetched, fetched_files, record_fetched
from gphoton_db.errors import CalibrationError
from gphoton_db.mission import Band
from gphoton_db.system.fetched import FetchedFile


def entry(name: str, sha256: str = "00") -> FetchedFile:
    return FetchedFile(name, 1, sha256, f"https://example.org/{name}", "2012-01-01T00:00:00Z")


@dataclass(frozen=True)
class Hash:
    """What is known of a file that was read."""

    name: str
    sha256: str


def test_what_is_recorded_is_read_again_and_the_later_line_counts(tmp_path: Path) -> None:
    assert fetched_files(tmp_path) == {}
    for file in (entry("a"), entry("b"), entry("a", "11")):
        record_fetched(tmp_path, file)
    assert fetched_files(tmp_path) == {"a": entry("a", "11"), "b": entry("b")}


def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path) -> None:
    record_fetched(tmp_path, entry("a"))
    with (tmp_path / LOG).open("a") as file:
        file.write('{"name": "b", "si')
    record_fetched(tmp_path, entry("c"))
    assert set(fetched_files(tmp_path)) == {"a", "c"}


def test_many_threads_lose_no_line(tmp_path: Path) -> None:
    names = [f"file-{number}" for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: record_fetched(tmp_path, entry(name)), names))
    assert set(fetched_files(tmp_path)) == set(names)


def test_ones_own_files_are_not_in_question(tmp_path: Path) -> None:
    record_fetched(tmp_path, entry("fetched", "00"))
    check_fetched(tmp_path, [Hash("fetched", "00"), Hash("own", "99")])
    with pytest.raises(CalibrationError, match=r"fetched: not what was fetched.*fetched\.jsonl"):
        check_fetched(tmp_path, [Hash("fetched", "01"), Hash("own", "99")])


def test_a_record_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / LOG).mkdir()
    with pytest.raises(CalibrationError, match=r"fetched\.jsonl: cannot be read"):
        check_fetched(tmp_path, [])


def test_a_set_with_a_file_that_changed_is_refused(
    synthetic_calibration: Path, tmp_path: Path
) -> None:
    for path in synthetic_calibration.iterdir():
        (tmp_path / path.name).symlink_to(path)
    digest = hashlib.sha256((tmp_path / "NUV_flat.fits").read_bytes()).hexdigest()
    record_fetched(tmp_path, entry("NUV_flat.fits", digest))
    CalibrationSet.load(tmp_path, Band.NUV, 23500)
    record_fetched(tmp_path, entry("NUV_flat.fits", "f" * 64))
    with pytest.raises(CalibrationError, match=r"NUV_flat\.fits: not what was fetched"):
        CalibrationSet.load(tmp_path, Band.NUV, 23500)
