"""The pipeline over many eclipses, as real processes: what is there, whatever happens."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gphoton_db.archive import Archive
from gphoton_db.aspect.read import read_pointing
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.errors import ProductError
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.intake.many.failed_list import read_failed
from gphoton_db.mission import Band
from gphoton_db.paths import ArchivePaths, raw6_name, scst_name
from gphoton_db.pipeline.products_job import complete_bands, opened
from gphoton_db.pipeline.run_many import RunWatch
from gphoton_db.products.file_names import Compression
from gphoton_db.products.run_options import RunOptions, StopAfter
from gphoton_db.products.run_plan import RunPlan
from gphoton_db.simulate.pointing_files import write_asprta
from tests.gphoton_db.archives import (
    Sources,
    assert_sound,
    assert_tidy,
    run_program,
    start_program,
)
from tests.gphoton_db.conftest import Cli
from tests.gphoton_db.many_visits import ManyVisits, ingested_in, make_raw6, wait_until, workers_of
from tests.shared import own_copy

FIRST, BROKEN, LAST = ECLIPSES = (23500, 23501, 23502)
NUV_BANDS = [EclipseBand(FIRST, Band.NUV), EclipseBand(LAST, Band.NUV)]
GOOD = [EclipseBand(FIRST, Band.FUV), *NUV_BANDS]
OPTIONS = ("--depth", "8", "--coregister", "--no-movie")
SAME = RunOptions(depth=8, coregister=True, write_movie=False)


@pytest.fixture(scope="module")
def visits(nuv: Sources, fuv: Sources, tmp_path_factory: pytest.TempPathFactory) -> ManyVisits:
    """Three eclipses of a leg in NUV, one in FUV too; the telemetry of one is none."""
    folder = tmp_path_factory.mktemp("run-many")
    made = ManyVisits(folder / "raw6", folder / "pointing", nuv.calibration)
    made.raw6.mkdir()
    for each in (nuv, fuv):
        shutil.copy(each.raw6, made.raw6)
    make_raw6(made, nuv, LAST, Band.NUV)
    leg, _ = read_pointing(nuv.pointing, nuv.eclipse).legs
    for eclipse in ECLIPSES:
        write_asprta(made.pointing, [leg], eclipse=eclipse)
    shutil.copy(fuv.pointing / scst_name(FIRST), made.pointing)
    (made.raw6 / raw6_name(BROKEN, Band.NUV)).write_bytes(b"no telemetry")
    return made


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("list") / "list.csv"
    rows = [(FIRST, "NUV"), (FIRST, "FUV"), (BROKEN, "NUV"), (LAST, "NUV")]
    path.write_text("eclipse,band\n" + "".join(f"{n},{band}\n" for n, band in rows))
    return path


@dataclass(frozen=True)
class Finished:
    """An archive, not to be changed, whose run was killed half-way and started again.

    Parameters
    ----------
    root : Path
        Its folder.
    workers : list of int
        Of the run that was killed.
    ingested, products
        What was in the archive then.
    done : CompletedProcess
        The second run.
    """

    root: Path
    workers: list[int]
    ingested: list[int]
    products: list[dict[str, Any]]
    done: subprocess.CompletedProcess[str]

    @property
    def document(self) -> dict[str, Any]:
        """What the second run said."""
        said: dict[str, Any] = json.loads(self.done.stdout)
        return said


@pytest.fixture(scope="module")
def finished(
    visits: ManyVisits, listed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Finished:
    root = tmp_path_factory.mktemp("finished") / "archive"
    command = arguments(visits, root, "--eclipses", str(listed), "--json", *OPTIONS)
    process = start_program(command, folder=root.parent)
    wait_until(lambda: list(root.glob("products/*/*.fits")), process)
    workers = workers_of(process.pid)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert_sound(root)
    ingested, products = ingested_in(root), products_in(root)
    return Finished(root, workers, ingested, products, run_program(command, folder=root.parent))


@pytest.fixture
def root(finished: Finished, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_copy(tmp_path_factory, finished.root)


def arguments(visits: ManyVisits, root: Path, *options: str) -> list[str]:
    """Return what to tell ``gphoton-db``."""
    paths = [f"--{name}={path}" for name, path in visits.paths.items()]
    return ["--archive", str(root), "run", *paths, *options]


def files_of(root: Path) -> dict[str, int]:
    """Return when each file of the products was written, by its name in the archive."""
    return {
        path.relative_to(root).as_posix(): path.stat().st_mtime_ns
        for path in (root / "products").rglob("*")
        if path.is_file()
    }


def products_in(root: Path) -> list[dict[str, Any]]:
    """Return what the catalogue says of products."""
    with Archive(root) as archive:
        return archive.query("SELECT * FROM products ORDER BY path").rows()


def complete(root: Path, *each: RunOptions) -> list[set[EclipseBand]]:
    """Return the bands that a run with some options would pass over, for each of them."""
    with opened(Catalogue(ArchivePaths(root))) as archive:
        plans = [RunPlan.of(archive, options) for options in each]
        return [complete_bands(archive, GOOD, plan) for plan in plans]


def test_all_but_the_broken_one_is_made(finished: Finished) -> None:
    root, done = finished.root, finished.done
    assert done.returncode == 3, done.stderr
    (failure,) = finished.document["failures"]
    assert (failure["eclipse"], failure["band"]) == (BROKEN, "NUV")
    assert "not a raw6 file" in failure["reason"]
    assert [each.eclipse for each in read_failed(root / "failed-runs.csv")] == [BROKEN]
    assert f"gphoton-db run --eclipses {root / 'failed-runs.csv'}" in done.stderr
    made = products_in(root)
    assert len(made) == 3 * 3  # image, exposure and photometry of each band
    assert {row["path"] for row in made} == set(files_of(root))
    with Archive(root) as archive:
        rows = archive.query("SELECT count(*) AS n FROM source_files").rows()
        assert rows[0]["n"] == 3 * 2
    assert_sound(root)
    assert_tidy(root)


def test_killed_half_way_nothing_is_lost_or_done_twice(finished: Finished) -> None:
    before = {row["path"]: row["made_at"] for row in finished.products}
    after = {row["path"]: row["made_at"] for row in products_in(finished.root)}
    assert before.items() <= after.items()
    assert sorted(ingested_in(finished.root)) == [FIRST, FIRST, LAST]
    said = finished.document
    again = {each["eclipse"] for each in said["ingests"]}
    assert len(finished.ingested) + len(said["ingests"]) == 3, again
    files = {Path(file) for leg in said["legs"] for file in leg["files"]}
    assert files == {finished.root / path for path in after.keys() - before.keys()}
    assert not [pid for pid in finished.workers if Path(f"/proc/{pid}").exists()]


def test_frames_wait_for_those_of_the_other_band(finished: Finished) -> None:
    """Whichever band is ingested first, both have the frames of the one that begins first."""
    with Archive(finished.root) as archive:
        rows = archive.query(
            "SELECT band, (parameters->>'start')::DOUBLE AS start FROM products "
            f"WHERE kind = 'exposure' AND eclipse = {FIRST} ORDER BY band"
        ).rows()
        t0 = {leg.band: leg.photon_t0 or 0.0 for leg in archive.legs(FIRST)}
    start = {row["band"]: row["start"] for row in rows}
    for band, other in (("NUV", "FUV"), ("FUV", "NUV")):
        assert round(1000 * (start[band] - t0[other])) % 8000 == 0
        assert start[band] <= t0[band] < start[band] + 8


@pytest.mark.deep  # after a kill it is not, and `complete` says what is passed over
def test_nothing_is_done_twice(root: Path, visits: ManyVisits, listed: Path, cli: Cli) -> None:
    before, files = products_in(root), files_of(root)
    done = cli(*arguments(visits, root, "--eclipses", str(listed), *OPTIONS))
    assert (done.code, done.out) == (3, "")
    assert "3 skipped, made already; 1 failed" in done.err
    assert (products_in(root), files_of(root)) == (before, files)
    assert sorted(ingested_in(root)) == [FIRST, FIRST, LAST]


def test_what_was_made_otherwise_or_is_gone_is_made_anew(
    root: Path, visits: ManyVisits, tmp_path: Path
) -> None:
    stars = tmp_path / "stars.csv"
    stars.write_text("ra,dec\n323.5,-2\n")
    same = (
        SAME,
        RunOptions(stop_after=StopAfter.MOVIES),
        RunOptions(photometry_only=True, min_exposure=1000),
        RunOptions(leg=0, stop_after=StopAfter.MOVIES),
    )
    others = (
        RunOptions(),
        RunOptions(extended=True, stop_after=StopAfter.MOVIES),
        RunOptions(depth=8, coregister=True),
        RunOptions(depth=8, coregister=True, write_movie=False, radii=(12.8, 6.0)),
        RunOptions(depth=8, coregister=True, write_movie=False, catalog=stars),
        RunOptions(leg=(0, 7), stop_after=StopAfter.MOVIES),
        RunOptions(columns=("t",), stop_after=StopAfter.PHOTONS),
    )
    assert complete(root, *same, *others) == [set(GOOD)] * len(same) + [set()] * len(others)
    image = root / f"products/e{LAST}/e{LAST}-nd-ffull-b00-image-r.fits"
    content = image.read_bytes()
    image.write_bytes(content[:-1])
    assert complete(root, SAME) == [set(GOOD[:2])]
    image.write_bytes(content)
    assert complete(root, SAME) == [set(GOOD)]
    with Archive(root) as archive:
        raw6 = visits.raw6 / raw6_name(FIRST, Band.FUV)
        archive.ingest(FIRST, "FUV", force=True, **{**visits.paths, "raw6": raw6})
    assert complete(root, SAME) == [set(NUV_BANDS)]


class Killer(RunWatch):
    """Kills the worker that begins with the products of an eclipse."""

    def __init__(self, eclipse: int) -> None:
        self._eclipse = eclipse
        self._done = False

    def making(self, what: EclipseBand, stage: str, done: int, total: int) -> None:
        if what.eclipse == self._eclipse and not self._done:
            (worker,) = workers_of(os.getpid())
            os.kill(worker, signal.SIGKILL)
            self._done = True


@pytest.mark.skipif(sys.platform != "linux", reason="finds the worker in /proc")
def test_a_worker_that_dies_takes_only_its_band_with_it(root: Path, tmp_path: Path) -> None:
    """And what is in the archive is not ingested for it: there is no telemetry here."""
    images = RunOptions(stop_after=StopAfter.MOVIES, compression=Compression.NONE)
    wanted, failed = [(FIRST, Band.NUV), (LAST, Band.NUV)], tmp_path / "failed.csv"
    with Archive(root) as archive:
        done = archive.run_many(wanted, (), images, jobs=1, failed=failed, watch=Killer(FIRST))
        (failure,) = done.failures
        assert failure.what == NUV_BANDS[0]
        assert "its worker process was ended by SIGKILL" in failure.reason
        assert len([leg for leg in done.legs if leg.eclipse == LAST]) == 1
        assert all(file.exists() for file in done.files)
    assert [each.what for each in read_failed(failed)] == NUV_BANDS[:1]
    assert complete(root, images) == [set(NUV_BANDS[1:])]
    assert_tidy(root)


def test_what_makes_no_sense_is_said_once(root: Path, tmp_path: Path) -> None:
    with Archive(root) as archive:
        with pytest.raises(ProductError, match="no-such-file"):
            archive.run_many(ECLIPSES, "NUV", RunOptions(catalog=tmp_path / "no-such-file.csv"))
        with pytest.raises(ProductError, match="no column 'colour'"):
            archive.run_many(ECLIPSES, "NUV", RunOptions(columns=("colour",)))
        with pytest.raises(ProductError, match="it cannot recreate photons"):
            archive.run_many(ECLIPSES, "NUV", RunOptions(photometry_only=True), recreate=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("23500",), "give an eclipse and a band, or --eclipses"),
        (("23500", "NUV", "--jobs", "2"), "goes with --eclipses"),
        (("23500", "--eclipses", "23500"), "give either one eclipse or --eclipses"),
    ],
)
def test_one_eclipse_or_many_not_both(
    options: tuple[str, ...], message: str, cli: Cli, tmp_path: Path
) -> None:
    done = cli("--archive", tmp_path / "archive", "run", *options)
    assert done.code == 2
    assert message in done.err
    assert not (tmp_path / "archive").exists()
