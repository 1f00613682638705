"""Many eclipses on a Dask cluster: what is there in the end is what our own processes make."""

import hashlib
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import ClusterError
from gphoton_db.intake.many.choose import executor_for
from gphoton_db.intake.many.cluster.lease import Lease, LeaseCheck, LeaseLostError, clear_away
from gphoton_db.intake.many.executor import Executor, work_off
from gphoton_db.intake.many.failed_list import read_failed
from gphoton_db.intake.many.messages import Ended, Progressed
from gphoton_db.mission import Band
from gphoton_db.paths import raw6_name
from gphoton_db.products.run_options import RunOptions
from tests.gphoton_db import slurm
from tests.gphoton_db.archives import Sources, assert_sound, assert_tidy, start_program
from tests.gphoton_db.cluster_jobs import Deadly, Hopeless, SomeJob, Unwanted
from tests.gphoton_db.conftest import Cli
from tests.gphoton_db.dask_cluster import DaskCluster, dask_cluster
from tests.gphoton_db.made_there import assert_made_there
from tests.gphoton_db.many_visits import FIRST, STALLED, ManyVisits, ingested_in, make_visit
from tests.gphoton_db.slurm import slurm_cluster
from tests.gphoton_db.stalled import Stalled, until

BROKEN = FIRST + 2
ECLIPSES = (FIRST, BROKEN, *STALLED, STALLED[-1] + 1)
WHOLE = [eclipse for eclipse in ECLIPSES if eclipse != BROKEN]
FEW = (FIRST, BROKEN, STALLED[0])
ONE_LEG = RunOptions(threads=1, leg=0)


@pytest.fixture(scope="module")
def visits(nuv: Sources, tmp_path_factory: pytest.TempPathFactory) -> ManyVisits:
    """Five visits, of which one is broken."""
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
        archive.ingest_many(ECLIPSES, "NUV", jobs=1, threads=2, **visits.paths)
        archive.run_many(WHOLE[:1], "NUV", ONE_LEG, jobs=1, **visits.paths)
    return root


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("cluster"), workers=2) as cluster:
        yield cluster


def photons_of(root: Path) -> dict[str, str]:
    """Return a hash of the photons of each leg: the files also say of which ingest they are."""
    with Archive(root) as archive:
        files = archive.query(
            "SELECT eclipse, leg, path FROM leg_files WHERE kind = 'photons' ORDER BY part"
        ).rows()
    hashes: dict[str, str] = {}
    for file in files:
        columns = pq.read_table(root / file["path"], partitioning=None).to_pandas()
        leg, content = f"e{file['eclipse']} leg {file['leg']}", columns.to_records().tobytes()
        hashes[leg] = hashes.get(leg, "") + hashlib.sha256(content).hexdigest()
    return hashes


def test_a_worker_killed_and_one_paused_change_nothing(
    cluster: DaskCluster, visits: ManyVisits, local_root: Path, tmp_path: Path
) -> None:
    root, stalled, paused = tmp_path / "archive", Stalled(visits, tmp_path), 0

    def trouble() -> None:
        nonlocal paused
        stalled.wait()
        (_, killed), (silent, paused) = cluster.workers()
        os.kill(paused, signal.SIGSTOP)
        stalled.mend()
        os.kill(killed, signal.SIGKILL)
        cluster.give_up(silent)

    with Archive(root) as archive, ExitStack() as stack:
        thread = threading.Thread(target=trouble)
        thread.start()
        stack.callback(thread.join)
        done = archive.ingest_many(ECLIPSES, "NUV", cluster=cluster.file, **stalled.visits.paths)
    reasons = {failure.eclipse: failure.reason for failure in done.failures}
    assert set(reasons) == {BROKEN}, reasons
    assert "truncated" in reasons[BROKEN] or "damaged gzip" in reasons[BROKEN]
    assert sorted(report.eclipse for report in done.ingested) == WHOLE
    assert ingested_in(root) == WHOLE
    assert photons_of(root) == photons_of(local_root)
    assert_sound(root)
    assert_tidy(root)
    os.kill(paused, signal.SIGCONT)  # whose job another one has done
    stalled.flow()
    until(lambda: not Path(f"/proc/{paused}").exists())  # Dask ends what comes back too late
    assert_tidy(root)


def test_interrupted_no_reduction_is_left_behind(
    cluster: DaskCluster, visits: ManyVisits, tmp_path: Path
) -> None:
    root, stalled = tmp_path / "archive", Stalled(visits, tmp_path)
    asked = ("--eclipses", ",".join(map(str, (FIRST, STALLED[0]))), "--bands", "NUV")
    arguments = stalled.visits.arguments(root, *asked, "--cluster", str(cluster.file))
    process = start_program(arguments, folder=tmp_path)
    stalled.wait(1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted: the same command goes on from here" in err
    assert "Traceback" not in err
    finished = ingested_in(root)
    assert set(finished) <= {FIRST}  # which another worker may have been at
    assert len(out.splitlines()) == len(finished)
    assert_tidy(root)
    stalled.flow()  # workers go on with what nobody wants
    cluster.settle()
    assert_tidy(root)


def test_slurm_starts_workers_and_another_one_for_a_job_that_is_cancelled(
    visits: ManyVisits, local_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gphoton_db.intake.many.cluster.client.ASK_AGAIN_S", 2.0)
    root, stalled, cancelled = tmp_path / "archive", Stalled(visits, tmp_path), []

    def trouble() -> None:
        stalled.wait(1)
        stalled.mend()
        cancelled.extend(slurm.jobs())
        slurm.cancel_jobs(cancelled[0])

    with slurm_cluster(tmp_path) as settings, Archive(root) as archive, ExitStack() as stack:
        thread = threading.Thread(target=trouble)
        thread.start()
        stack.callback(thread.join)
        done = archive.ingest_many(FEW, "NUV", cluster=settings, jobs=1, **stalled.visits.paths)
    stalled.flow()  # to nobody
    assert len(cancelled) == 1
    assert [failure.eclipse for failure in done.failures] == [BROKEN]
    assert ingested_in(root) == [FIRST, STALLED[0]]
    there = photons_of(root)
    assert there
    assert there.items() <= photons_of(local_root).items()
    assert_sound(root)
    assert_tidy(root)


def test_products_are_made_there_too(
    cluster: DaskCluster, visits: ManyVisits, local_root: Path, tmp_path: Path
) -> None:
    root = tmp_path / "archive"
    with Archive(root) as archive:
        done = archive.run_many(WHOLE[:1], "NUV", ONE_LEG, cluster=cluster.file, **visits.paths)
    assert done.complete
    names = {path.relative_to(root).as_posix() for path in done.files}
    made = (local_root / "products").rglob("*.*")
    assert names == {path.relative_to(local_root).as_posix() for path in made}
    tables = [name for name in names if name.endswith(".csv")]
    assert tables
    for name in tables:
        assert (root / name).read_bytes() == (local_root / name).read_bytes()
    assert_tidy(root)
    with Archive(root) as archive:
        assert_made_there(archive, cluster.file, tmp_path)
    assert not list((root / "staging").iterdir())


def some_jobs(root: Path, *kinds: type[SomeJob]) -> list[tuple[str, SomeJob]]:
    names = [f"{kind.__name__} {number}" for number, kind in enumerate(kinds)]
    return [
        (name, kind(name, root / "staging" / name, root))
        for name, kind in zip(names, kinds, strict=True)
    ]


def test_a_job_that_kills_its_workers_is_a_failure_and_the_others_go_on(
    cluster: DaskCluster, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cluster.allow_failures(1)
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
    cluster.settle()


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
    from gphoton_db.intake.many.cluster import client as connection

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
