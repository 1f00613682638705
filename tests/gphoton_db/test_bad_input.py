"""Input that cannot be used ends in one clear line, and leaves the archive as it was."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gphoton_db.archive import Archive
from gphoton_db.mission import Band
from gphoton_db.simulate.scene import Scene
from gphoton_db.simulate.visit import simulate_visit
from tests.gphoton_db.archives import Sources, assert_tidy, contents
from tests.gphoton_db.conftest import LEGS, Cli


@pytest.fixture
def refused(cli: Cli, full_copy: Path, full_contents: dict[str, Any]) -> Callable[..., str]:
    """Ingest what cannot be ingested, check that nothing happened, and return the message."""

    def run(sources: Sources, *options: str) -> str:
        done = cli("--archive", full_copy, *sources.arguments("--force", *options))
        assert (done.code, done.out) == (1, "")
        archive, error = done.err.splitlines()
        assert archive == f"archive: {full_copy}"
        assert error.startswith("error: ")
        message = error.removeprefix("error: ")
        assert contents(full_copy) == full_contents
        with Archive(full_copy) as opened:
            failed = opened.query(
                "SELECT eclipse, band, message FROM ingests WHERE outcome = 'failed'"
            ).rows()
        assert failed == [
            {"eclipse": sources.eclipse, "band": str(sources.band), "message": message}
        ]
        assert_tidy(full_copy)
        return message

    return run


def damaged(sources: Sources, folder: Path, change: Callable[[bytearray], None]) -> Sources:
    content = bytearray(sources.raw6.read_bytes())
    change(content)
    copy = folder / sources.raw6.name
    copy.write_bytes(content)
    return replace(sources, raw6=copy)


def test_telemetry_that_is_not_there(refused: Callable[..., str], nuv: Sources) -> None:
    missing = nuv.raw6.with_name("none.fits.gz")
    message = refused(replace(nuv, raw6=missing))
    assert message == f"{missing}: cannot be opened (No such file or directory)"


def test_telemetry_of_another_eclipse(
    refused: Callable[..., str], nuv: Sources, next_eclipse: Sources
) -> None:
    message = refused(replace(next_eclipse, raw6=nuv.raw6))
    assert message.endswith("holds eclipse 23500, but 23501 was asked for")


def test_telemetry_of_the_other_band(
    refused: Callable[..., str], nuv: Sources, fuv: Sources
) -> None:
    message = refused(replace(fuv, raw6=nuv.raw6))
    assert message.endswith("holds band NUV, but FUV was asked for")


def test_telemetry_with_damaged_compression(
    refused: Callable[..., str], nuv: Sources, tmp_path: Path
) -> None:
    def flip(content: bytearray) -> None:
        for at in range(len(content) // 2, len(content) // 2 + 20):
            content[at] ^= 0xFF

    assert "damaged gzip data" in refused(damaged(nuv, tmp_path, flip))


def test_telemetry_with_a_wrong_checksum(
    refused: Callable[..., str], nuv: Sources, tmp_path: Path
) -> None:
    def change(content: bytearray) -> None:
        content[-8] ^= 1

    assert "damaged gzip data" in refused(damaged(nuv, tmp_path, change))


def test_telemetry_that_ends_early(
    refused: Callable[..., str], nuv: Sources, tmp_path: Path
) -> None:
    def cut(content: bytearray) -> None:
        del content[len(content) * 2 // 3 :]

    message = refused(damaged(nuv, tmp_path, cut))
    assert "damaged gzip data" in message or "truncated" in message


def test_what_is_no_telemetry(refused: Callable[..., str], nuv: Sources, tmp_path: Path) -> None:
    file = tmp_path / "raw6.fits"
    file.write_text("once upon a time")
    assert "not a raw6 file" in refused(replace(nuv, raw6=file))


def test_no_pointing(refused: Callable[..., str], nuv: Sources, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    message = refused(replace(nuv, pointing=tmp_path / "empty"))
    assert message.startswith("no pointing of eclipse 23500 in ")
    assert "asprta" in message


def test_fuv_without_its_temperature(
    refused: Callable[..., str], fuv: Sources, tmp_path: Path
) -> None:
    for path in fuv.pointing.glob("*asprta*"):
        shutil.copy(path, tmp_path)
    assert "temperature" in refused(replace(fuv, pointing=tmp_path))


def test_missing_calibration_files_are_all_listed(
    refused: Callable[..., str], nuv: Sources, tmp_path: Path
) -> None:
    missing = {"NUV_flat.fits", "NUV_walk_y.fits"}
    for path in nuv.calibration.iterdir():
        if path.name not in missing:
            (tmp_path / path.name).symlink_to(path)
    message = refused(replace(nuv, calibration=tmp_path))
    assert all(name in message for name in missing)


def test_no_calibration_directory(
    refused: Callable[..., str], nuv: Sources, tmp_path: Path
) -> None:
    message = refused(replace(nuv, calibration=tmp_path / "none"))
    assert "no such calibration directory" in message


@pytest.mark.parametrize("eclipse", [37500, 47001])
def test_eclipses_that_are_not_reduced_by_default(
    eclipse: int, refused: Callable[..., str], nuv: Sources
) -> None:
    message = refused(replace(nuv, eclipse=eclipse))
    assert str(eclipse) in message
    assert "--override-limits" in message


@pytest.mark.parametrize("eclipse", [37500, 47001])
def test_overridden_limits_leave_the_other_checks(
    eclipse: int, refused: Callable[..., str], nuv: Sources
) -> None:
    message = refused(replace(nuv, eclipse=eclipse), "--override-limits")
    assert message.startswith(f"no pointing of eclipse {eclipse}")


def test_eclipse_numbers_start_at_one(refused: Callable[..., str], nuv: Sources) -> None:
    assert refused(replace(nuv, eclipse=0)) == "eclipse numbers start at 1, not 0"


def test_an_eclipse_beyond_the_limits_is_reduced_on_request(
    cli: Cli, tmp_path: Path, synthetic_calibration: Path
) -> None:
    visit = simulate_visit(
        tmp_path / "visit",
        calibration=synthetic_calibration,
        band=Band.NUV,
        eclipse=37500,
        legs=LEGS,
        scene=Scene(background=40.0),
    )
    command = ["--archive", tmp_path / "archive", *Sources.of(visit).arguments()]
    assert cli(*command).code == 1
    done = cli(*command, "--override-limits")
    assert (done.code, done.out.split(":")[:2]) == (0, ["e37500 NUV", " ingested"])


def test_a_failure_is_forgotten_once_the_ingest_works(
    cli: Cli, fuv_copy: Path, nuv: Sources
) -> None:
    command = ["--archive", fuv_copy]
    cli(*command, *replace(nuv, raw6=nuv.raw6.with_name("none")).arguments())
    assert "failed: e23500 NUV" in cli(*command, "status").err
    cli(*command, *nuv.arguments())
    assert "failed" not in cli(*command, "status").err
