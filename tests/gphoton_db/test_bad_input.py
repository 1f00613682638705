"""Input that cannot be used ends in one clear line, and leaves the archive as it was."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import GPhotonError
from gphoton_db.mission import Band
from gphoton_db.simulate.scene import Scene
from gphoton_db.simulate.visit import simulate_visit
from tests.gphoton_db.archives import Sources, assert_tidy, contents, ingest
from tests.gphoton_db.conftest import LEGS, Cli


@pytest.fixture
def refused(full_copy: Path, full_contents: dict[str, Any]) -> Callable[..., list[str]]:
    """Ingest what cannot be ingested, check that nothing happened, and return the messages."""

    def run(*bad: Sources, overriding: Sequence[Sources] = ()) -> list[str]:
        with Archive(full_copy) as archive:
            messages = [refusal(archive, sources, override_limits=False) for sources in bad]
            messages += [refusal(archive, sources, override_limits=True) for sources in overriding]
        assert contents(full_copy) == full_contents
        assert failures_in(full_copy) == sorted(
            (sources.eclipse, str(sources.band), message)
            for sources, message in zip((*bad, *overriding), messages, strict=True)
        )
        assert_tidy(full_copy)
        return messages

    return run


def refusal(archive: Archive, sources: Sources, *, override_limits: bool) -> str:
    with pytest.raises(GPhotonError) as error:
        archive.ingest(
            sources.eclipse,
            sources.band,
            force=True,
            override_limits=override_limits,
            **sources.paths,
        )
    message = str(error.value)
    assert len(message.splitlines()) == 1
    return message


def failures_in(root: Path) -> list[tuple[int, str, str]]:
    statement = "SELECT eclipse, band, message FROM ingests WHERE outcome = 'failed' ORDER BY ALL"
    with Archive(root) as archive:
        return [tuple(row.values()) for row in archive.query(statement).rows()]


def damaged(sources: Sources, folder: Path, change: Callable[[bytearray], None]) -> Sources:
    content = bytearray(sources.raw6.read_bytes())
    change(content)
    copy = folder / sources.raw6.name
    copy.write_bytes(content)
    return replace(sources, raw6=copy)


def flip(content: bytearray) -> None:
    for at in range(len(content) // 2, len(content) // 2 + 20):
        content[at] ^= 0xFF


def change_checksum(content: bytearray) -> None:
    content[-8] ^= 1


def cut(content: bytearray) -> None:
    del content[len(content) * 2 // 3 :]


def test_on_the_command_line_it_is_one_line_and_a_failure_until_the_ingest_works(
    cli: Cli, fuv_copy: Path, fuv_contents: dict[str, Any], nuv: Sources
) -> None:
    missing = nuv.raw6.with_name("none.fits.gz")
    done = cli("--archive", fuv_copy, *replace(nuv, raw6=missing).arguments())
    message = f"{missing}: cannot be opened (No such file or directory)"
    assert (done.code, done.out) == (1, "")
    assert done.err == f"archive: {fuv_copy}\nerror: {message}\n"
    assert contents(fuv_copy) == fuv_contents
    assert failures_in(fuv_copy) == [(nuv.eclipse, "NUV", message)]
    assert_tidy(fuv_copy)
    assert "failed: e23500 NUV" in cli("--archive", fuv_copy, "status").err
    with Archive(fuv_copy) as archive:
        ingest(archive, nuv)
    assert "failed" not in cli("--archive", fuv_copy, "status").err


def test_telemetry_that_is_damaged_or_of_something_else(
    refused: Callable[..., list[str]],
    nuv: Sources,
    fuv: Sources,
    next_eclipse: Sources,
    tmp_path: Path,
) -> None:
    file = tmp_path / "raw6.fits"
    file.write_text("once upon a time")
    other_eclipse, other_band, no_telemetry, wrong = refused(
        replace(next_eclipse, raw6=nuv.raw6),
        replace(fuv, raw6=nuv.raw6),
        replace(nuv, raw6=file),
        damaged(nuv, tmp_path, change_checksum),
    )
    assert other_eclipse.endswith("holds eclipse 23500, but 23501 was asked for")
    assert other_band.endswith("holds band NUV, but FUV was asked for")
    assert "not a raw6 file" in no_telemetry
    assert "damaged gzip data" in wrong


@pytest.mark.deep  # tests/ingest/test_raw6.py reads such files
@pytest.mark.parametrize("change", [flip, cut])
def test_telemetry_with_other_damage(
    change: Callable[[bytearray], None],
    refused: Callable[..., list[str]],
    nuv: Sources,
    tmp_path: Path,
) -> None:
    (message,) = refused(damaged(nuv, tmp_path, change))
    assert "damaged gzip data" in message or "truncated" in message


def test_pointing_and_calibration_that_are_not_there(
    refused: Callable[..., list[str]], nuv: Sources, fuv: Sources, tmp_path: Path
) -> None:
    empty, aspect, some = (tmp_path / name for name in ("empty", "aspect", "some"))
    for folder in (empty, aspect, some):
        folder.mkdir()
    for path in fuv.pointing.glob("*asprta*"):
        shutil.copy(path, aspect)
    missing = {"NUV_flat.fits", "NUV_walk_y.fits"}
    for path in nuv.calibration.iterdir():
        if path.name not in missing:
            (some / path.name).symlink_to(path)
    no_pointing, no_temperature, no_files, no_folder = refused(
        replace(nuv, pointing=empty),
        replace(fuv, pointing=aspect),
        replace(nuv, calibration=some),
        replace(nuv, calibration=tmp_path / "none"),
    )
    assert no_pointing.startswith("no pointing of eclipse 23500 in ")
    assert "asprta" in no_pointing
    assert "temperature" in no_temperature
    assert all(name in no_files for name in missing)
    assert "no such calibration directory" in no_folder


def test_eclipses_that_are_not_reduced_and_overridden_limits_leave_the_other_checks(
    refused: Callable[..., list[str]], nuv: Sources
) -> None:
    zero, *beyond = (replace(nuv, eclipse=eclipse) for eclipse in (0, 37500, 47001))
    messages = refused(zero, *beyond, overriding=beyond)
    assert messages[0] == "eclipse numbers start at 1, not 0"
    for bad, by_default, overridden in zip(beyond, messages[1:3], messages[3:], strict=True):
        assert str(bad.eclipse) in by_default
        assert "--override-limits" in by_default
        assert overridden.startswith(f"no pointing of eclipse {bad.eclipse}")


def test_an_eclipse_beyond_the_limits_is_reduced_on_request(
    cli: Cli, tmp_path: Path, synthetic_calibration: Path
) -> None:
    visit = simulate_visit(
        tmp_path / "visit",
        calibration=synthetic_calibration,
        band=Band.NUV,
        eclipse=37500,
        legs=LEGS[1:],
        scene=Scene(background=40.0),
    )
    command = ["--archive", tmp_path / "archive", *Sources.of(visit).arguments()]
    done = cli(*command, "--override-limits")
    assert (done.code, done.out.split(":")[:2]) == (0, ["e37500 NUV", " ingested"])
