"""The parts of a run over many eclipses, each by itself."""

import os
import platform
import shutil
import signal
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import wait
from pathlib import Path

import pytest

from gphoton_db.archive import Archive
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.records import IngestRecord
from gphoton_db.catalogue.staged import StagedBand, StagedProducts
from gphoton_db.errors import (
    ArchiveError,
    GPhotonError,
    ServiceError,
    UnreachableError,
    UnsupportedEclipseError,
)
from gphoton_db.intake.inputs import IngestSources
from gphoton_db.intake.many.contents import Contents
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.intake.many.fetch_ahead import FetchAhead
from gphoton_db.intake.many.group_commit import REST, GroupCommit
from gphoton_db.intake.many.interruption import Alarm
from gphoton_db.intake.many.waiting import Waiting
from gphoton_db.intake.many.workers import Workers
from gphoton_db.intake.stage import Attempt
from gphoton_db.intake.staging import (
    claim_staging,
    folder_named,
    holder_of,
    remove_abandoned,
)
from gphoton_db.mission import Band
from gphoton_db.paths import ArchivePaths

TEN = [EclipseBand(1000 + k, Band.NUV) for k in range(10)]
SOURCES = IngestSources(Path("raw6"), Path("pointing"), Path("calibration"))


def until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.005)
    pytest.fail("it did not happen")


def fetch_ahead(obtain: Callable[[int, Band], IngestSources]) -> FetchAhead:
    return FetchAhead(TEN, obtain, threads=2, ahead=3, wake=lambda: None, override_limits=False)


def test_fetching_runs_ahead_by_so_many_files_and_no_more() -> None:
    asked: list[int] = []

    def obtain(eclipse: int, band: Band) -> IngestSources:
        asked.append(eclipse)
        return SOURCES

    fetching = fetch_ahead(obtain)
    assert fetching.take(0) == []
    until(lambda: len(asked) == 3)
    time.sleep(0.05)
    assert len(asked) == 3
    taken = fetching.take(3)  # and three that were taken before wait for a worker
    assert len(taken) == 3
    assert fetching.take(3) == []
    time.sleep(0.05)
    assert len(asked) == 3
    while not fetching.exhausted:
        taken += fetching.take(0)
    assert sorted(what for what, _ in taken) == TEN
    fetching.stop()


def test_what_cannot_be_found_does_not_stop_the_others() -> None:
    def obtain(eclipse: int, band: Band) -> IngestSources:
        if eclipse == 1002:
            raise ArchiveError("no such file")
        if eclipse == 1003:
            raise KeyError("a fault")
        return SOURCES

    fetching = fetch_ahead(obtain)
    found: dict[EclipseBand, object] = {}
    while not fetching.exhausted:
        found.update(fetching.take(0))
    assert str(found[TEN[2]]) == "no such file"
    assert str(found[TEN[3]]) == "a fault of the program: KeyError: 'a fault'"
    assert isinstance(found[TEN[3]], GPhotonError)
    assert sum(each is SOURCES for each in found.values()) == 8
    fetching.stop()


def test_a_stopped_fetcher_asks_for_nothing_more() -> None:
    goes_on, asked = threading.Event(), []

    def obtain(eclipse: int, band: Band) -> IngestSources:
        asked.append(eclipse)
        goes_on.wait()
        return SOURCES

    fetching = fetch_ahead(obtain)
    fetching.take(0)
    until(lambda: len(asked) == 2)
    for _ in range(3):
        fetching.stop()
    goes_on.set()
    until(lambda: not [each for each in threading.enumerate() if each.name.startswith("fetch-")])
    assert len(asked) == len(fetching.take(0)) == 2
    assert fetching.exhausted


def test_eclipses_that_are_not_reduced_are_not_fetched() -> None:
    fetching = FetchAhead(
        [EclipseBand(37500, Band.NUV)],
        lambda eclipse, band: SOURCES,
        threads=1,
        ahead=1,
        wake=lambda: None,
        override_limits=False,
    )
    found = []
    while not fetching.exhausted:
        found += fetching.take(0)
    ((_, error),) = found
    assert isinstance(error, UnsupportedEclipseError)
    fetching.stop()


class SlowCatalogue(Catalogue):
    """Notes what is committed, and takes its time for it."""

    def __init__(self, paths: ArchivePaths) -> None:
        super().__init__(paths)
        self.commits: list[int] = []

    def commit(
        self,
        staged: Sequence[StagedBand],
        failed: Sequence[IngestRecord] = (),
        made: Sequence[StagedProducts] = (),
    ) -> None:
        self.commits.append(len(failed))
        super().commit(staged, failed, made)
        time.sleep(0.02)


def failed_ingest(eclipse: int) -> IngestRecord:
    return Attempt.begin(eclipse, Band.NUV).record("failed", message="made up")


def test_what_comes_while_the_last_commit_is_recent_is_committed_together(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive", create=True) as archive:
        catalogue = SlowCatalogue(archive.paths)
        commits = GroupCommit(catalogue, lambda: None)
        commits.add_failure(failed_ingest(1))
        assert commits.due_in() == 0.0
        commits.proceed()
        for eclipse in range(2, 12):
            commits.add_failure(failed_ingest(eclipse))
        until(lambda: commits.proceed() is not None)
        due = commits.due_in()
        assert due is not None
        assert due > 0.02 * REST / 2
        assert len(list(commits.finish())) == 1
        assert not commits
        commits.close()
        assert catalogue.commits == [1, 10]
        assert len(archive.query("SELECT * FROM ingests")) == 11


def test_contents_are_those_of_the_catalogue_as_it_is_now(full_copy: Path, fuv_root: Path) -> None:
    nuv, fuv = EclipseBand(23500, Band.NUV), EclipseBand(23500, Band.FUV)
    contents = Contents(Catalogue(ArchivePaths(full_copy)))
    assert nuv in contents
    assert fuv in contents
    shutil.copy(fuv_root / "gphoton.duckdb", full_copy)
    assert nuv not in contents
    assert fuv in contents


def test_a_band_is_claimed_by_one_at_a_time(tmp_path: Path) -> None:
    first = claim_staging(tmp_path, 5, Band.NUV)
    assert first is not None
    assert claim_staging(tmp_path, 5, Band.NUV) is None
    other = claim_staging(tmp_path, 5, Band.FUV)
    assert other is not None
    (first.path / "file").touch()
    without_lock, of_a_commit = tmp_path / "e00006-NUV", tmp_path / "catalogue"
    without_lock.mkdir()
    of_a_commit.mkdir()
    remove_abandoned(tmp_path)
    assert (first.path / "file").exists()
    assert not without_lock.exists()
    of_a_commit.rmdir()  # which is there still
    for folder in (first, other):
        folder.release()
    assert list(tmp_path.iterdir()) == []
    again = claim_staging(tmp_path, 5, Band.NUV)
    assert again is not None
    again.release()


def test_both_bands_of_an_eclipse_are_for_one_worker_while_there_is_more_to_do() -> None:
    waiting = Waiting()
    both = [EclipseBand(number, band) for number in (1, 2) for band in (Band.NUV, Band.FUV)]
    for what in both:
        waiting.add_found(what, SOURCES)
    at_work: tuple[set[int], ...] = (set(), {1}, {2}, {1})
    order = [waiting.next(eclipses)[0] for eclipses in at_work]
    assert order == [both[0], both[2], both[1], both[3]]
    waiting.add_found(both[1], SOURCES)
    assert waiting.next({1}) == (both[1], SOURCES), "nothing else is left: nobody waits"
    assert not waiting


def test_the_last_jobs_share_the_cores_of_workers_without_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gphoton_db.intake.many.workers.usable_cores", lambda: 8)
    workers = Workers[EclipseBand](4)
    assert [workers.threads(left) for left in (100, 4, 3, 2, 1)] == [2, 2, 2, 4, 8]
    assert Workers[EclipseBand](16).threads(100) == 1


def test_who_is_waited_for_is_said_and_not_for_ever(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = claim_staging(tmp_path, 5, Band.NUV)
    assert first is not None
    who = f"process {os.getpid()} on {platform.node()}, which began at "
    assert holder_of(first.path).startswith(who)
    waiting = folder_named(tmp_path, first.path.name, "eclipse 5 NUV", longest_wait=0.1)
    with (
        pytest.raises(ArchiveError, match=f"eclipse 5 NUV: {who}.* did not end within 0 s"),
        waiting,
    ):
        pass
    assert f"eclipse 5 NUV: waits for {who}" in caplog.text
    first.release()
    with folder_named(tmp_path, first.path.name, "eclipse 5 NUV", longest_wait=0.1) as folder:
        assert folder.is_dir()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_sets_off_the_alarm_and_the_second_interrupts(
    number: signal.Signals,
) -> None:
    alarm, before = Alarm(), signal.getsignal(number)
    with alarm.at_interruptions():
        os.kill(os.getpid(), number)
        assert wait([alarm.fileno()], 5)
        assert alarm.interrupted is number
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) == before
    alarm.clear()
    assert not wait([alarm.fileno()], 0)


def test_a_mission_archive_that_answers_now_and_then_is_asked_on(tmp_path: Path) -> None:
    def find(eclipse: int, band: Band) -> IngestSources:
        raise (UnreachableError if eclipse % 2 else ServiceError)("no such luck")

    with Archive(tmp_path / "archive") as archive:
        report = archive.ingest_many(range(23600, 23612), "NUV", find=find, jobs=1)
        assert len(report.failures) == 12
