"""Processes that are killed while they change an archive leave it as it was, or as it was to be."""

import json
import shutil
import signal
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from gphoton_db.archive import Archive
from gphoton_db.mission import Band
from tests.examples import deep
from tests.gphoton_db.archives import (
    ROOT,
    Sources,
    assert_sound,
    assert_tidy,
    contents,
    ingest,
    legs_of,
    parquet_hashes,
    run_program,
    start_program,
)
from tests.gphoton_db.dying import Death

BEFORE_THE_COMMIT = {
    "photons being written": ("gphoton_db.ingest.eclipse.write_part", "after", 1),
    "all files staged": ("gphoton_db.intake.stage.write_ticks", "after", 2),
    "first leg moved": ("gphoton_db.catalogue.ingested.move_durably", "after", 3),
    "all files moved": ("gphoton_db.catalogue.ingested.move_durably", "after", 6),
    "files of tables written": ("gphoton_db.catalogue.finish.store", "after", 1),
    "catalogue changed": ("gphoton_db.catalogue.finish.define_views", "after", 1),
    "catalogue about to be moved": ("gphoton_db.catalogue.file.move_durably", "before", 1),
}
AFTER_THE_COMMIT = {"catalogue moved": ("gphoton_db.catalogue.file.move_durably", "after", 1)}
DELAYS = {f"after {delay} s": delay for delay in (0.1, 0.3, 0.5)}
"""An ingest takes about half a second."""

STRAY = "photons/band=NUV/eclipse=23500/leg=0/0123456789ab-0.parquet"

REPLACING = ("all files moved", "catalogue about to be moved", "catalogue moved")
REWRITING = ("files of tables written", "catalogue about to be moved")

TELLING = {
    "ingest": ("first leg moved", "catalogue about to be moved", "catalogue moved"),
    "replace": ("catalogue about to be moved",),
    "restore": ("catalogue about to be moved",),
    "moved": ("catalogue about to be moved",),
}
"""Of what is done, when it is killed in each run of the tests; the rest is for the deep ones."""

Remains = dict[tuple[str, str], Path]
"""Archives in which a process was killed, by what it was doing and when."""


def killed(what: str, moments: Iterable[str]) -> pytest.MarkDecorator:
    """Have a test tried with each moment, and with those that are not `TELLING` if it is deep."""
    return pytest.mark.parametrize(
        "moment",
        [
            pytest.param(each, marks=() if each in TELLING[what] else pytest.mark.deep)
            for each in moments
        ],
    )


def death(root: Path, command: list[str], moment: str) -> Death:
    arguments = ["--archive", str(root), *command]
    if moment in DELAYS:
        return Death(arguments, delay=DELAYS[moment])
    return Death(arguments, *{**BEFORE_THE_COMMIT, **AFTER_THE_COMMIT}[moment])


@pytest.fixture(scope="module")
def remains(
    fuv_root: Path, full_root: Path, nuv: Sources, tmp_path_factory: pytest.TempPathFactory
) -> Remains:
    folder, found, deaths = tmp_path_factory.mktemp("killed"), Remains(), list[Death]()

    def prepare(what: str, moment: str, original: Path, command: list[str]) -> None:
        if moment not in TELLING[what] and not deep():
            return
        root = Path(shutil.copytree(original, folder / f"{what}, {moment}"))
        if (what, moment) == ("ingest", "catalogue moved"):
            (root / STRAY).parent.mkdir(parents=True)
            (root / STRAY).write_bytes(b"of a process that was killed before")
        if what != "moved":
            Archive(root).close()  # gets used to its place, so that its next commit is ours
        if what == "restore":
            (root / "gphoton.duckdb").unlink()
        found[what, moment] = root
        deaths.append(death(root, command, moment))

    forced = nuv.arguments("--force", "--threads=1")
    for moment in (*BEFORE_THE_COMMIT, *AFTER_THE_COMMIT, *DELAYS):
        prepare("ingest", moment, fuv_root, forced)
    for moment in REPLACING:
        prepare("replace", moment, full_root, forced)
    for moment in REWRITING:
        prepare("restore", moment, full_root, ["status"])
        prepare("moved", moment, full_root, ["status"])
    for (_, moment), ended_by in zip(found, die(deaths), strict=True):
        assert moment in DELAYS or ended_by == signal.SIGKILL
    return found


def die(deaths: list[Death]) -> list[int | None]:
    """Run all of them, and return the signals that ended them."""
    done = run_program(
        [],
        module="tests.gphoton_db.dying",
        folder=ROOT,
        text=json.dumps([each.to_json() for each in deaths]),
    )
    assert done.returncode == 0, done.stderr
    signals: list[int | None] = json.loads(done.stdout)
    return signals


@killed("ingest", BEFORE_THE_COMMIT)
def test_killed_before_the_commit_nothing_has_changed_and_the_next_ingest_tidies_up(
    moment: str, remains: Remains, fuv_contents: dict[str, Any], nuv: Sources, full_root: Path
) -> None:
    root = remains["ingest", moment]
    after = contents(root)
    assert fuv_contents["files"].items() <= after["files"].items()
    assert {**after, "files": fuv_contents["files"]} == fuv_contents
    assert_sound(root)
    assert_the_next_ingest_tidies_up(root, nuv, full_root)


def assert_the_next_ingest_tidies_up(root: Path, nuv: Sources, full_root: Path) -> None:
    with Archive(root) as archive:
        ingest(archive, nuv, force=True)
    assert [leg.n_photons for leg in legs_of(root, Band.NUV)] == [
        leg.n_photons for leg in legs_of(full_root, Band.NUV)
    ]
    assert_sound(root)
    assert_tidy(root)


def test_killed_right_after_the_commit_nothing_is_left_of_earlier_kills(remains: Remains) -> None:
    root = remains["ingest", "catalogue moved"]
    assert list((root / STRAY).parent.iterdir())
    assert not (root / STRAY).exists()


@pytest.mark.parametrize("moment", AFTER_THE_COMMIT)
def test_killed_after_the_commit_all_is_there(
    moment: str, remains: Remains, full_root: Path
) -> None:
    root = remains["ingest", moment]
    assert [leg.n_photons for leg in legs_of(root, Band.NUV)] == [
        leg.n_photons for leg in legs_of(full_root, Band.NUV)
    ]
    assert_sound(root)


@killed("ingest", DELAYS)
def test_killed_at_any_moment_no_half_band_is_there(
    moment: str, remains: Remains, fuv_root: Path
) -> None:
    root = remains["ingest", moment]
    assert len(legs_of(root, Band.NUV)) in (0, 2)
    assert parquet_hashes(fuv_root).items() <= parquet_hashes(root).items()
    assert_sound(root)


@pytest.mark.deep
def test_after_the_commit_the_next_ingest_tidies_up_too(
    remains: Remains, nuv: Sources, full_root: Path, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(remains["ingest", "catalogue moved"], tmp_path / "archive"))
    assert_the_next_ingest_tidies_up(root, nuv, full_root)


@killed("replace", REPLACING)
def test_killed_while_replacing_one_version_is_there(
    moment: str, remains: Remains, full_root: Path
) -> None:
    root = remains["replace", moment]
    assert_sound(root)
    (generation,) = {leg.generation for leg in legs_of(root, Band.NUV)}
    (old,) = {leg.generation for leg in legs_of(full_root, Band.NUV)}
    assert (generation == old) == (moment in BEFORE_THE_COMMIT)


@killed("restore", REWRITING)
def test_killed_while_restoring_nothing_is_lost(
    moment: str, remains: Remains, full_contents: dict[str, Any]
) -> None:
    assert not (remains["restore", moment] / "gphoton.duckdb").exists()
    assert contents(remains["restore", moment]) == full_contents


@killed("moved", REWRITING)
def test_killed_while_settling_in_a_new_place_nothing_is_lost(
    moment: str, remains: Remains, full_contents: dict[str, Any]
) -> None:
    assert contents(remains["moved", moment]) == full_contents
    assert_sound(remains["moved", moment])


def test_the_command_itself_may_be_killed(fuv_copy: Path, nuv: Sources) -> None:
    arguments = ["--archive", str(fuv_copy), *nuv.arguments("--force")]
    process = start_program(arguments, folder=fuv_copy)
    while process.poll() is None and not list((fuv_copy / "staging").glob("*/reduced")):
        time.sleep(0.002)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert legs_of(fuv_copy, Band.NUV) == []
    assert_sound(fuv_copy)
    with Archive(fuv_copy) as archive:
        assert ingest(archive, nuv).outcome == "ingested"
    assert_tidy(fuv_copy)
