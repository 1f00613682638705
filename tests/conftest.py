"""Things that many tests need and that take seconds to make: once a session."""

import gc
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gphoton_db.calibration.kept import KeptCalibration
from gphoton_db.ingest.eclipse import reduce_eclipse
from gphoton_db.intake.stage import stage_band
from gphoton_db.progress import no_progress
from gphoton_db.simulate.synthetic_calibration import write_synthetic_calibration
from tests.archives import MakeArchive, SessionArchive, make_archive
from tests.demonstration import Demonstration, make_demonstration
from tests.examples import deep, register_profiles
from tests.gphoton_db.forked_program import forked_workers
from tests.instruments import kept_instrument
from tests.shared import copied, shared

# A shell starts what runs behind it with Ctrl-C ignored, and what tests start inherits that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

register_profiles()

TESTS = Path(__file__).parent
LONGEST_FILES = (
    "gphoton_db/test_cluster.py",
    "gphoton_db/test_warm_up.py",
    "gphoton_db/serve/page/test_actions.py",
    "products/masks/test_masks.py",
    "gphoton_db/test_killed.py",
    "gphoton_db/test_ingest_many.py",
    "products/test_killed_products.py",
    "products/test_where_output_goes.py",
    "sql/test_compact.py",
    "sql/test_compact_changes.py",
    "sql/test_deep_fields.py",
    "gphoton_db/test_run_many.py",
    "closed_loop/test_recovery.py",
    "gphoton_db/test_from_nothing.py",
    "products/lightcurves/test_lightcurve.py",
    "gphoton_db/test_many_from_nothing.py",
    "ingest/test_eclipse.py",
    "products/variables/test_variables.py",
    "gphoton_db/test_two_processes.py",
    "gphoton_db/test_lost_catalogue.py",
    "gphoton_db/test_streams.py",
    "docs/test_documentation.py",
    "docs/test_tutorial.py",
    "gphoton_db/test_cli_simulate.py",
    "sql/test_place_index.py",
    "sql/test_upgrade.py",
    "sql/test_macros_in_the_shell.py",
    "sql/test_hats.py",
    "sql/test_fifty_visits.py",
    "gphoton_db/serve/test_server.py",
    "gphoton_db/test_verify.py",
    "products/test_cli_run.py",
    "gphoton_db/test_segments.py",
    "products/sources/test_photometry.py",
    "products/catalogue/test_catalogue.py",
)
"""They are begun first, else one process would be at the last of them when others have finished."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked `deep`, and put the tests of `LONGEST_FILES` first.

    The order is kept with ``--no-loadscope-reorder`` of pytest-xdist.
    """
    if not deep():
        left_out = [item for item in items if item.get_closest_marker("deep")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("deep")]
    place = {TESTS / name: number for number, name in enumerate(LONGEST_FILES)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Have one process run the tests of folders that share what takes long to make."""
    from tests.scheduling import FoldersTogether

    return FoldersTogether(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_finish() -> None:
    """Have the collector of garbage leave alone what stays: modules, and five thousand tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def _offline() -> Iterator[None]:
    """Keep every test, and the processes that it starts, off the network and its settings.

    Tests of downloads name a server on this machine (tests/mastserver.py).
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in ("MAST_URL", "CALIBRATION_URL", "ALLOWED_HOSTS", "MAX_FILE_GB"):
            patch.delenv(f"GPHOTON_DB_{name}", raising=False)
        patch.setenv("GPHOTON_DB_OFFLINE", "yes")
        yield


@pytest.fixture(scope="session", autouse=True)
def _kept_calibration() -> Iterator[None]:
    """Have ingests in this process keep the calibration, as those of many eclipses do.

    To read it takes a quarter of a small ingest; a file that has changed is read anew.
    """
    load = KeptCalibration()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage_band, "__kwdefaults__", {"load": load})
        patch.setattr(reduce_eclipse, "__defaults__", (no_progress, load))
        yield


@pytest.fixture(scope="session", autouse=True)
def _kept_instruments() -> Iterator[None]:
    """Have simulations in this process keep the instrument, as those of a mission do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gphoton_db.simulate.observation.read_instrument", kept_instrument)
        yield


@pytest.fixture(scope="session", autouse=True)
def _forked_workers() -> Iterator[None]:
    """Fork the workers of runs over many eclipses: to load what they need takes seconds."""
    with forked_workers():
        yield


@pytest.fixture(scope="session")
def synthetic_calibration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete calibration directory of smooth, made-up values."""
    return shared(tmp_path_factory, "made-up-calibration", write_synthetic_calibration)


@pytest.fixture(scope="session")
def shared_galex() -> Path:
    """The folder of real calibration and reference figures; tests skip where there is none."""
    directory = Path(__file__).resolve().parents[2] / "shared" / "galex"
    if not directory.is_dir():
        pytest.skip("needs ../shared/galex")
    return directory


@pytest.fixture(scope="session")
def reference_calibration(shared_galex: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The calibration directory of the reference figures: real files and stand-ins."""

    def make(directory: Path) -> Path:
        script = shared_galex / "standin_calibration.py"
        subprocess.run([sys.executable, script, directory], check=True)
        for path in (shared_galex / "calibration").iterdir():
            shutil.copy(path, directory)
        return directory

    return shared(tmp_path_factory, "reference-calibration", make)


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """What ``gphoton-db demo`` makes, which takes a quarter of a minute; not to be changed."""
    own = tmp_path_factory.getbasetemp()
    # Of processes that share the tests, each has a folder in the folder of all.
    return make_demonstration(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture(scope="session")
def session_archive(
    synthetic_calibration: Path, tmp_path_factory: pytest.TempPathFactory
) -> MakeArchive:
    """Make one of `tests.archives.ARCHIVES`, or give the one that was made before."""

    @cache
    def made(name: str) -> SessionArchive:
        first = shared(
            tmp_path_factory,
            f"archive-{name}",
            lambda folder: make_archive(folder, synthetic_calibration, name),
        )
        return replace(first, archive_path=copied(tmp_path_factory, name, first.archive_path))

    return made


@pytest.fixture(scope="session")
def one_leg(session_archive: MakeArchive) -> SessionArchive:
    """One leg of NUV."""
    return session_archive("one_leg")


@pytest.fixture(scope="session")
def multi_leg(session_archive: MakeArchive) -> SessionArchive:
    """Four legs of NUV on fields next to each other."""
    return session_archive("multi_leg")


@pytest.fixture(scope="session")
def two_bands(session_archive: MakeArchive) -> SessionArchive:
    """NUV and FUV of one visit, which see the same sky; the NUV visit comes first."""
    return session_archive("two_bands")


@pytest.fixture(scope="session")
def post_csp(session_archive: MakeArchive) -> SessionArchive:
    """NUV after the Course Sun Point anomaly, with a ghost."""
    return session_archive("post_csp")


@pytest.fixture(scope="session")
def across_ra_0(session_archive: MakeArchive) -> SessionArchive:
    """A field that the meridian of RA 0 runs through."""
    return session_archive("across_ra_0")


@pytest.fixture(scope="session")
def near_the_pole(session_archive: MakeArchive) -> SessionArchive:
    """A field at declination 85."""
    return session_archive("near_the_pole")


@pytest.fixture(scope="session")
def empty_sky(session_archive: MakeArchive) -> SessionArchive:
    """No source at all, and a photon of the background every five seconds."""
    return session_archive("empty_sky")


@pytest.fixture(scope="session")
def overlapping_visits(session_archive: MakeArchive) -> SessionArchive:
    """Two eclipses, a quarter of a degree and 70 degrees of roll apart, on the same stars."""
    return session_archive("overlapping_visits")
