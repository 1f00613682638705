"""Many eclipses by one command, as real processes: what is there in the end, whatever happens."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import ArchiveError, GPhotonError, UnreachableError
from gphoton_db.intake.inputs import IngestSources
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.intake.many.failed_list import read_failed
from gphoton_db.intake.many.report import Watch
from gphoton_db.mission import Band
from tests.gphoton_db.archives import (
    Sources,
    assert_sound,
    assert_tidy,
    contents,
    run_program,
    start_program,
)
from tests.gphoton_db.conftest import Cli
from tests.gphoton_db.many_visits import (
    BEFORE_THE_STALL,
    BROKEN,
    FIRST,
    NO_POINTING,
    NUMBER,
    STALLED,
    TRUNCATED,
    WRONG_BAND,
    ManyVisits,
    ingested_in,
    legs_there,
    make_many_visits,
    make_visit,
    wait_for_legs,
    workers_of,
)
from tests.gphoton_db.stalled import Stalled

NEXT, LAST = FIRST + 4, FIRST + NUMBER - 1
ECLIPSES = (FIRST, TRUNCATED, NEXT, *STALLED, NO_POINTING, WRONG_BAND)
WHOLE = (FIRST, NEXT, *STALLED)
LISTED = f"{FIRST},{TRUNCATED},{NEXT}-{WRONG_BAND}"
ALL = ("--eclipses", LISTED, "--bands", "NUV", "--jobs", "2")


@pytest.fixture(scope="module")
def visits(nuv: Sources, tmp_path_factory: pytest.TempPathFactory) -> ManyVisits:
    return make_many_visits(tmp_path_factory.mktemp("many"), nuv)


@pytest.fixture(scope="module")
def finished(
    visits: ManyVisits, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """An archive of all, and what the command said that made it; not to be changed."""
    root = tmp_path_factory.mktemp("finished") / "archive"
    done = run_program(visits.arguments(root, *ALL, "--json"), folder=root.parent)
    return root, done


@pytest.fixture(scope="module")
def finished_root(finished: tuple[Path, subprocess.CompletedProcess[str]]) -> Path:
    return finished[0]


def start_and_wait(stalling: ManyVisits, root: Path) -> subprocess.Popen[str]:
    """Start to ingest all, and return when all that comes before the stall is in the archive."""
    every = ("--eclipses", f"{FIRST}-{LAST}", "--bands", "NUV", "--jobs", "2")
    process = start_program(stalling.arguments(root, *every), folder=root.parent)
    wait_for_legs(root, process)
    return process


def test_the_whole_ones_are_there(finished_root: Path) -> None:
    assert [leg[:3] for leg in legs_there(finished_root)] == [
        (eclipse, "NUV", leg) for eclipse in WHOLE for leg in (0, 1)
    ]
    assert len({leg[2:] for leg in legs_there(finished_root)}) == 2  # they are all alike
    assert ingested_in(finished_root) == list(WHOLE)
    assert_sound(finished_root)
    assert_tidy(finished_root)


def test_the_broken_ones_are_reported(
    finished: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    root, done = finished
    assert done.returncode == 3
    document = json.loads(done.stdout)
    assert len(document["ingests"]) == len(WHOLE)
    reasons = {each["eclipse"]: each["reason"] for each in document["failures"]}
    assert set(reasons) == set(BROKEN)
    assert "truncated" in reasons[TRUNCATED] or "damaged gzip" in reasons[TRUNCATED]
    assert f"no pointing of eclipse {NO_POINTING}" in reasons[NO_POINTING]
    assert "holds band FUV, but NUV was asked for" in reasons[WRONG_BAND]
    assert {each.eclipse: each.reason for each in read_failed(root / "failed-eclipses.csv")} == {
        eclipse: " ".join(reason.split()) for eclipse, reason in reasons.items()
    }
    for eclipse, reason in reasons.items():
        assert f"failed: e{eclipse} NUV: {reason}" in done.stderr
    assert f"{len(WHOLE)} ingested; {len(BROKEN)} failed" in done.stderr
    assert "\x1b" not in done.stderr


def test_what_failed_is_tried_again(
    cli: Cli, finished_root: Path, visits: ManyVisits, nuv: Sources, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(finished_root, tmp_path / "archive"))
    mended = visits.copied(tmp_path)
    for eclipse in BROKEN:
        make_visit(mended, nuv, eclipse)
    listed = root / "failed-eclipses.csv"
    done = cli(*mended.arguments(root, "--eclipses", str(listed)))
    assert (done.code, len(done.out.splitlines())) == (0, 3)
    assert not listed.exists()
    assert [leg[0] for leg in legs_there(root)] == [each for each in ECLIPSES for _ in (0, 1)]
    before = contents(root)
    done = cli(*mended.arguments(root, *ALL))
    assert (done.code, done.out) == (0, "")
    assert f"{len(ECLIPSES)} skipped, in the archive already" in done.err
    assert contents(root) == before


def test_interrupted_it_ends_at_once_and_leaves_nothing_half_done(
    visits: ManyVisits, finished_root: Path, tmp_path: Path
) -> None:
    root = tmp_path / "archive"
    process = start_and_wait(visits.stalling(tmp_path), root)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "interrupted: the same command goes on from here" in err
    assert f"{LAST + 1 - STALLED[0]} not reached" in err
    assert "Traceback" not in err
    assert len(out.splitlines()) == len(BEFORE_THE_STALL)
    assert ingested_in(root) == list(BEFORE_THE_STALL)
    assert [each.eclipse for each in read_failed(root / "failed-eclipses.csv")] == [TRUNCATED]
    assert_sound(root)
    assert_tidy(root)
    # All visits are alike.
    assert {leg[1:] for leg in legs_there(root)} == {leg[1:] for leg in legs_there(finished_root)}


def test_two_commands_share_the_work(visits: ManyVisits, tmp_path: Path) -> None:
    root, few = tmp_path / "archive", ",".join(map(str, WHOLE[:3]))
    command = visits.arguments(root, "--eclipses", few, "--bands", "NUV", "--jobs", "1")
    both = [start_program([*command, "--json"], folder=tmp_path) for _ in range(2)]
    said = [json.loads(process.communicate(timeout=120)[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    for each in said:
        assert len(each["ingests"]) + len(each["skipped"]) == 3
    assert ingested_in(root) == list(WHOLE[:3])
    assert_sound(root)
    assert_tidy(root)


class Killer(Watch):
    """Kills the worker that reads the first of the visits whose telemetry does not come."""

    def __init__(self, stalled: Stalled) -> None:
        self._stalled = stalled
        self._done = False

    def reducing(self, what: EclipseBand, stage: str, done: int, total: int) -> None:
        if what.eclipse == STALLED[0] and not self._done:
            self._stalled.wait(1)
            (worker,) = workers_of(os.getpid())
            os.kill(worker, signal.SIGKILL)
            self._done = True


@pytest.mark.skipif(sys.platform != "linux", reason="finds the worker in /proc")
def test_a_worker_that_dies_takes_only_its_eclipse_with_it(
    visits: ManyVisits, tmp_path: Path
) -> None:
    stalled, dying = Stalled(visits, tmp_path), STALLED[0]
    given = stalled.visits.paths
    with Archive(tmp_path / "archive") as archive:
        done = archive.ingest_many(
            (FIRST, dying, NEXT), "NUV", jobs=1, watch=Killer(stalled), **given
        )
        # Inputs are found ahead, in whatever order.
        assert sorted(report.eclipse for report in done.ingested) == [FIRST, NEXT]
        (failure,) = done.failures
        assert failure.eclipse == dying
        assert "its worker process was ended by SIGKILL" in failure.reason
        stalled.mend()
        assert archive.ingest_many(archive.paths.failed, jobs=1, **given).complete
    assert_sound(tmp_path / "archive")
    assert_tidy(tmp_path / "archive")


def test_inputs_come_from_whoever_is_asked_to_find_them(visits: ManyVisits, tmp_path: Path) -> None:
    asked: list[tuple[int, Band]] = []

    def find(eclipse: int, band: Band) -> IngestSources:
        asked.append((eclipse, band))
        if eclipse == FIRST + 1:
            raise GPhotonError("there is no such eclipse")
        name = f"e{eclipse}-nd-raw6.fits.gz" if eclipse == FIRST else "no-such-file"
        return IngestSources(visits.raw6 / name, visits.pointing, visits.calibration)

    with Archive(tmp_path / "archive") as archive:
        wanted = [(FIRST, "NUV"), (FIRST + 1, "NUV"), (FIRST + 2, "NUV"), (37500, "FUV")]
        done = archive.ingest_many(wanted, find=find, jobs=1)
        assert [report.eclipse for report in done.ingested] == [FIRST]
        reasons = {failure.eclipse: failure.reason for failure in done.failures}
        assert reasons[FIRST + 1] == "there is no such eclipse"
        assert "37500 lies in" in reasons[37500]
        assert "no-such-file" in reasons[FIRST + 2]
        failed = archive.query("SELECT eclipse, message FROM ingests WHERE outcome = 'failed'")
        assert {row["eclipse"]: row["message"] for row in failed.rows()} == reasons
    # What is refused is not fetched.
    assert sorted(asked) == [(FIRST + k, Band.NUV) for k in range(3)]


def test_a_mission_archive_that_gives_no_answer_is_not_asked_for_ever(
    visits: ManyVisits, tmp_path: Path
) -> None:
    def find(eclipse: int, band: Band) -> IngestSources:
        if eclipse > FIRST:
            raise UnreachableError("no answer")
        path = visits.raw6 / f"e{eclipse}-nd-raw6.fits.gz"
        return IngestSources(path, visits.pointing, visits.calibration)

    with Archive(tmp_path / "archive") as archive:
        with pytest.raises(UnreachableError, match="no answer"):
            archive.ingest_many(ECLIPSES, "NUV", find=find, jobs=1)
        assert ingested_in(archive.paths.root) == [FIRST]
        assert 4 <= len(read_failed(archive.paths.failed)) <= 8  # some were asked at that time
    assert_tidy(tmp_path / "archive")


@pytest.mark.parametrize("name", ["raw6", "pointing", "calibration"])
def test_a_path_that_leads_nowhere_is_said_once(
    name: str, visits: ManyVisits, tmp_path: Path
) -> None:
    given = visits.paths | {name: tmp_path / "nowhere"}
    with Archive(tmp_path / "archive") as archive:
        with pytest.raises(GPhotonError, match=f"nowhere: .*{name}"):
            archive.ingest_many(ECLIPSES, "NUV", **given)
        assert not archive.paths.failed.exists()


def test_an_archive_that_cannot_be_written_ends_the_run(visits: ManyVisits, tmp_path: Path) -> None:
    with Archive(tmp_path / "archive", create=True) as archive:
        log = archive.paths.catalogue.with_name("gphoton.duckdb.wal")
        log.touch()
        with pytest.raises(ArchiveError, match="a DuckDB shell is changing"):
            archive.ingest_many(WHOLE[:2], "NUV", jobs=1, **visits.paths)
        (first, *_) = read_failed(archive.paths.failed)
        assert first.eclipse in WHOLE[:2]
        log.unlink()
        assert archive.legs() == []
        assert archive.ingest_many(WHOLE[:2], "NUV", jobs=1, **visits.paths).complete
        assert not archive.paths.failed.exists()
    assert_tidy(tmp_path / "archive")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("23500",), "give an eclipse and its bands, or --eclipses"),
        (("23500", "NUV", "--jobs", "2"), "goes with --eclipses"),
        (("23500", "--eclipses", "23500"), "give either one eclipse or --eclipses"),
    ],
)
def test_one_eclipse_or_many_not_both(
    arguments: tuple[str, ...], message: str, cli: Cli, tmp_path: Path
) -> None:
    done = cli("--archive", tmp_path / "archive", "ingest", *arguments)
    assert done.code == 2
    assert message in done.err
    assert not (tmp_path / "archive").exists()


def test_a_list_that_makes_no_sense_makes_no_archive(cli: Cli, tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("23500\nabc\n")
    done = cli("--archive", tmp_path / "archive", "ingest", "--eclipses", listed, "--bands", "NUV")
    assert (done.code, done.out) == (1, "")
    assert done.err == f"error: {listed}, line 2: 'abc' is no eclipse and no range of eclipses\n"
    assert not (tmp_path / "archive").exists()
