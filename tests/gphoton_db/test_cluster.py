"""Many eclipses on a Dask cluster: what is there in the end is what our own processes make."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import ClusterError
from gphoton_db.intake.many.choose import executor_for
from gphoton_db.intake.many.cluster import client as connection
from gphoton_db.intake.many.cluster.lease import Lease, LeaseCheck, LeaseLostError, clear_away
from gphoton_db.intake.many.executor import Executor, work_off
from gphoton_db.intake.many.failed_list import read_failed
from gphoton_db.intake.many.messages import Ended, Progressed
from gphoton_db.mission import Band
from gphoton_db.paths import raw6_name
from gphoton_db.products.run_options import RunOptions
from tests.gphoton_db.archives import Sources, assert_sound, assert_tidy, start_program
from tests.gphoton_db.cluster_jobs import Deadly, Hopeless, SomeJob, Unwanted
from tests.gphoton_db.conftest import Cli
from tests.gphoton_db.dask_cluster import DaskCluster, dask_cluster
from tests.gphoton_db.many_visits import FIRST, STALLED, ManyVisits, ingested_in, make_visit

ECLIPSES = range(FIRST, FIRST + 12)
BROKEN = FIRST + 2
WHOLE = [eclipse for eclipse in ECLIPSES if eclipse != BROKEN]


@pytest.fixture(scope="module")
def visits(nuv: Sources, tmp_path_factory: pytest.TempPathFactory) -> ManyVisits:
    """Twelve visits, of which one is broken."""
    folder = tmp_path_factory.mktemp("cluster-visits")
    visits = ManyVisits(folder / "raw6", folder / "pointing", nuv.calibration)
    visits.raw6.mkdir()
    for eclipse in ECLIPSES:
        make_visit(visits, nuv, eclipse)
    truncated = visits.raw6 / raw6_name(BROKEN, Band.NUV)
    truncated.write_bytes(truncated.read_bytes()[: truncated.stat().st_size // 2])
    return visits


@pytest.fixture(scope="module")
def local_root(visits: ManyVisits, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that our own processes made; not to be changed."""
    root = tmp_path_factory.mktemp("local") / "archive"
    with Archive(root) as archive:
        archive.ingest_many(ECLIPSES, "NUV", jobs=2, threads=1, **visits.paths)
        archive.run_many(WHOLE[:1], "NUV", RunOptions(threads=1), jobs=1, **visits.paths)
    return root


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("cluster"), workers=2) as cluster:
        yield cluster


def until(condition: Callable[[], bool]) -> None:
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("it did not happen")


def photons_of(root: Path) -> dict[str, str]:
    """Return hashes of the legs' files, by what of a name does not depend on the ingest."""
    with Archive(root) as archive:
        rows = archive.query("SELECT * FROM leg_files WHERE kind <> 'ticks'").rows()
        ticks = archive.query("SELECT * EXCLUDE generation FROM ticks ORDER BY ALL").rows()
    found = {f"{r['kind']} {r['eclipse']} {r['leg']} {r['part']}": r["sha256"] for r in rows}
    return {**found, "ticks": repr(ticks)}


class Stalled:
    """Two visits whose telemetry does not come: whoever reads it waits."""

    def __init__(self, visits: ManyVisits, folder: Path) -> None:
        self.visits = visits.stalling(folder)
        self._whole = {pipe: visits.raw6 / pipe.name for pipe in self.visits.stalled}
        self._ends: list[int] = []

    def wait(self) -> None:
        """Wait until both are being read, and keep the pipes open."""
        for pipe in self._whole:
            until(lambda pipe=pipe: self._is_read(pipe))

    def _is_read(self, pipe: Path) -> bool:
        try:
            self._ends.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return False
        return True

    def mend(self) -> None:
        """Put files in the place of the pipes, for who comes next."""
        for pipe, whole in self._whole.items():
            pipe.unlink()
            pipe.hardlink_to(whole)

    def flow(self) -> None:
        """Let those who read the pipes have all of the telemetry."""
        for end, whole in zip(self._ends, self._whole.values(), strict=True):
            os.set_blocking(end, True)
            with os.fdopen(end, "wb") as pipe:
                with suppress(BrokenPipeError):
                    pipe.write(whole.read_bytes())


def test_a_worker_killed_and_one_paused_change_nothing(
    cluster: DaskCluster, visits: ManyVisits, local_root: Path, tmp_path: Path
) -> None:
    root, stalled = tmp_path / "archive", Stalled(visits, tmp_path)
    paused = 0

    def trouble() -> None:
        nonlocal paused
        stalled.wait()
        killed, paused = cluster.workers()
        os.kill(paused, signal.SIGSTOP)
        stalled.mend()
        os.kill(killed, signal.SIGKILL)
        cluster.be_patient(5.0)

    with Archive(root) as archive, ExitStack() as stack:
        thread = threading.Thread(target=trouble)
        thread.start()
        stack.callback(thread.join)
        done = archive.ingest_many(ECLIPSES, "NUV", cluster=cluster.file, **stalled.visits.paths)
    assert sorted(report.eclipse for report in done.ingested) == WHOLE
    (failure,) = done.failures
    assert failure.eclipse == BROKEN
    assert "truncated" in failure.reason or "damaged gzip" in failure.reason
    assert ingested_in(root) == WHOLE
    assert photons_of(root) == photons_of(local_root)
    assert_sound(root)
    assert_tidy(root)
    cluster.be_patient()
    os.kill(paused, signal.SIGCONT)  # whose job another one has done
    stalled.flow()
    cluster.settle(2)
    assert_tidy(root)


def test_interrupted_no_reduction_is_left_behind(
    cluster: DaskCluster, visits: ManyVisits, tmp_path: Path
) -> None:
    root, stalled = tmp_path / "archive", Stalled(visits, tmp_path)
    asked = ("--eclipses", ",".join(map(str, (FIRST, *STALLED))), "--bands", "NUV")
    arguments = stalled.visits.arguments(root, *asked, "--cluster", str(cluster.file))
    process = start_program(arguments, folder=tmp_path)
    stalled.wait()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted: the same command goes on from here" in err
    assert "Traceback" not in err
    assert ingested_in(root) == [FIRST]
    assert len(out.splitlines()) == 1
    assert_tidy(root)
    stalled.flow()  # workers go on with what nobody wants
    cluster.settle(2)
    assert_tidy(root)


def test_products_are_made_there_too(
    cluster: DaskCluster, visits: ManyVisits, local_root: Path, tmp_path: Path, cli: Cli
) -> None:
    root = tmp_path / "archive"
    with Archive(root) as archive:
        done = archive.run_many(
            WHOLE[:1], "NUV", RunOptions(threads=1), cluster=cluster.file, **visits.paths
        )
    assert done.complete
    names = {path.relative_to(root).as_posix() for path in done.files}
    assert names == {
        path.relative_to(local_root).as_posix() for path in (local_root / "products").rglob("*.*")
    }
    tables = [name for name in names if name.endswith(".csv")]
    assert tables
    for name in tables:
        assert (root / name).read_bytes() == (local_root / name).read_bytes()
    assert_tidy(root)


def some_jobs(root: Path, *kinds: type[SomeJob]) -> list[tuple[str, SomeJob]]:
    names = [f"{kind.__name__} {number}" for number, kind in enumerate(kinds)]
    return [
        (name, kind(name, root / "staging" / name, root))
        for name, kind in zip(names, kinds, strict=True)
    ]


def test_a_job_that_kills_its_workers_is_a_failure_and_the_others_go_on(
    cluster: DaskCluster, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    executor: Executor[str] = executor_for(cluster.file, jobs=None, threads=None, n_jobs=5)
    executor.prepare((), lambda *_: None)
    jobs = some_jobs(tmp_path, SomeJob, Deadly, SomeJob, Hopeless, SomeJob)
    with caplog.at_level(logging.INFO, logger="gphoton_db"):
        said = list(work_off(executor, jobs))
    ended = {what: message.reason for what, message in said if isinstance(message, Ended)}
    assert set(ended) == {name for name, _ in jobs}
    assert "its worker died each time" in str(ended.pop("Deadly 1"))
    assert ended.pop("Hopeless 3") == "Hopeless 3 cannot be done"
    assert set(ended.values()) == {None}
    assert ("SomeJob 0", Progressed("reading", 1, 2)) in said
    assert {record.getMessage() for record in caplog.records if "odd" in record.message} == {
        f"SomeJob {number} is odd" for number in (0, 2, 4)
    }
    cluster.settle(2)


def test_a_worker_that_does_not_see_the_folder_ends_the_run(
    cluster: DaskCluster, tmp_path: Path
) -> None:
    executor: Executor[str] = executor_for(cluster.client, jobs=1, threads=None, n_jobs=2)
    executor.prepare((), lambda *_: None)
    with pytest.raises(ClusterError, match=r"does not see .*wanted: the archive's folder must be"):
        list(work_off(executor, some_jobs(tmp_path, Unwanted, SomeJob)))
    assert [path for path in (tmp_path / "staging").rglob("*") if path.is_file()] == []
    assert not (tmp_path / "staging" / "Unwanted 0").exists()


def test_a_lease_that_nobody_touches_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lease = Lease(tmp_path / "e23600-NUV" / "job")
    check = LeaseCheck(lease.path)
    monkeypatch.setattr("gphoton_db.intake.many.cluster.lease.LONGEST_SILENCE_S", 0.02)
    time.sleep(0.03)
    os.utime(lease.path, ns=(0, 1))
    check.look()
    time.sleep(0.03)
    lease.touch()
    check.look()
    time.sleep(0.03)
    with pytest.raises(LeaseLostError):
        check.look()
    lease.end()
    with pytest.raises(LeaseLostError):
        LeaseCheck(lease.path)


def test_folders_that_somebody_has_claimed_stay(tmp_path: Path) -> None:
    claimed = tmp_path / "e23600-NUV"
    for locked in (True, False):
        attempt = claimed / "job" / "attempt"
        attempt.mkdir(parents=True)
        (attempt / "photons").touch()
        if locked:
            claimed.with_suffix(".lock").touch()
        else:
            claimed.with_suffix(".lock").unlink()
        clear_away(attempt)
        assert claimed.exists() == locked
        assert not attempt.parent.exists()


@pytest.mark.parametrize(
    ("name", "jobs", "message"),
    [
        ("nowhere", 1, "'nowhere': it is the address of a Dask scheduler"),
        ("no.json", 1, "no.json: there is no such file"),
        ("slurm", None, "say with jobs .* how many workers Slurm is to start"),
        ("no.yaml", 1, "no.yaml: cannot be read as YAML"),
        ("empty.yaml", 1, "empty.yaml: has no settings of Slurm's jobs"),
        ("tcp://127.0.0.1:1", 1, "tcp://127.0.0.1:1: no Dask scheduler answers there"),
    ],
)
def test_a_cluster_that_cannot_be_used_is_an_error(
    name: str, jobs: int | None, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CONNECT_S", 0.3)
    monkeypatch.chdir(tmp_path)
    Path("empty.yaml").write_text("jobqueue:\n  pbs: {}\n")
    with pytest.raises(ClusterError, match=message), connection.opened(name, jobs):
        pytest.fail("it is none")


def test_with_a_cluster_that_is_not_there_nothing_is_done(
    visits: ManyVisits, tmp_path: Path, cli: Cli
) -> None:
    root = tmp_path / "archive"
    asked = ("--eclipses", str(FIRST), "--bands", "NUV", "--cluster", str(tmp_path / "no.json"))
    done = cli(*visits.arguments(root, *asked))
    assert done.code == 1
    assert "no.json: there is no such file" in done.err
    assert read_failed(root / "failed-eclipses.csv") == ()
    assert_tidy(root)
