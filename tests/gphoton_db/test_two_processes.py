"""Two processes that ingest into one archive at once."""

import subprocess
from pathlib import Path

from gphoton_db.archive import Archive
from gphoton_db.mission import Band
from tests.gphoton_db.archives import (
    Sources,
    assert_sound,
    assert_tidy,
    count,
    legs_of,
    start_program,
)


def finish(processes: list[subprocess.Popen[str]]) -> None:
    """Wait for all, which must succeed."""
    for process in processes:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err


def test_different_bands_and_eclipses_are_both_there(
    tmp_path: Path, fuv: Sources, next_eclipse: Sources
) -> None:
    root = tmp_path / "archive"  # which both try to make
    finish(
        [
            start_program(["--archive", str(root), *sources.arguments()], folder=tmp_path)
            for sources in (fuv, next_eclipse)
        ]
    )
    with Archive(root) as archive:
        assert [(leg.eclipse, leg.band, leg.leg) for leg in archive.legs()] == [
            (eclipse, band, leg)
            for eclipse, band in ((23500, "FUV"), (23501, "NUV"))
            for leg in (0, 1)
        ]
        assert count(archive, "ingests") == 2
        assert count(archive, "eclipses") == 2
    assert_sound(root)
    assert_tidy(root)


def test_of_the_same_band_one_version_is_there(fuv_copy: Path, nuv: Sources) -> None:
    command = ["--archive", str(fuv_copy), *nuv.arguments("--force")]
    finish([start_program(command, folder=fuv_copy) for _ in range(2)])
    legs = legs_of(fuv_copy, Band.NUV)
    assert [leg.leg for leg in legs] == [0, 1]
    assert len({leg.generation for leg in legs}) == 1
    with Archive(fuv_copy) as archive:
        assert count(archive, "ingests") == 3
    assert_sound(fuv_copy)
    assert_tidy(fuv_copy)
