"""One small archive for all tests of this folder, and copies of it for those that change it."""

import logging
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gphoton_db.archive import Archive
from gphoton_db.cli import main
from gphoton_db.mission import Band
from gphoton_db.simulate.plan import LegPlan
from gphoton_db.simulate.scene import Scene
from gphoton_db.simulate.visit import simulate_visit
from tests.gphoton_db.archives import Sources, contents, ingest
from tests.shared import own_copy, shared

LEGS = (LegPlan(323.5, -2.0, duration=30, slew=5), LegPlan(324.5, -2.0, duration=30))


@dataclass(frozen=True)
class Outcome:
    """What a command of the command line did."""

    code: int
    out: str
    err: str


Cli = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def _own_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keep settings of the person who runs the tests out of them."""
    for name in ("ARCHIVE", "CALIBRATION", "POINTING", "QUERIES"):
        monkeypatch.delenv(f"GPHOTON_DB_{name}", raising=False)
    for name in ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    nowhere = tmp_path_factory.getbasetemp() / "no-settings.toml"
    monkeypatch.setenv("GPHOTON_DB_CONFIG", str(nowhere))


def _sources(folder: Path, calibration: Path, band: Band, eclipse: int = 23500) -> Sources:
    return Sources.of(
        simulate_visit(
            folder,
            calibration=calibration,
            band=band,
            eclipse=eclipse,
            legs=LEGS,
            scene=Scene(background=40.0),
        )
    )


@pytest.fixture(scope="session")
def nuv(synthetic_calibration: Path, tmp_path_factory: pytest.TempPathFactory) -> Sources:
    return shared(
        tmp_path_factory, "nuv", lambda folder: _sources(folder, synthetic_calibration, Band.NUV)
    )


@pytest.fixture(scope="session")
def fuv(synthetic_calibration: Path, tmp_path_factory: pytest.TempPathFactory) -> Sources:
    return shared(
        tmp_path_factory, "fuv", lambda folder: _sources(folder, synthetic_calibration, Band.FUV)
    )


@pytest.fixture(scope="session")
def next_eclipse(synthetic_calibration: Path, tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """NUV of eclipse 23501."""
    return shared(
        tmp_path_factory,
        "next",
        lambda folder: _sources(folder, synthetic_calibration, Band.NUV, 23501),
    )


@pytest.fixture(scope="session")
def fuv_root(fuv: Sources, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with two legs of FUV; not to be changed."""

    def make(root: Path) -> Path:
        with Archive(root) as archive:
            ingest(archive, fuv)
        return root

    return shared(tmp_path_factory, "fuv-archive", make)


@pytest.fixture(scope="session")
def full_root(fuv_root: Path, nuv: Sources, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with two legs of both bands; not to be changed."""

    def make(folder: Path) -> Path:
        root = folder / "archive"
        shutil.copytree(fuv_root, root)
        with Archive(root) as archive:
            ingest(archive, nuv)
        return root

    return shared(tmp_path_factory, "full", make)


@pytest.fixture(scope="session")
def fuv_contents(fuv_root: Path) -> dict[str, Any]:
    return contents(fuv_root)


@pytest.fixture(scope="session")
def full_contents(full_root: Path) -> dict[str, Any]:
    return contents(full_root)


@pytest.fixture
def fuv_copy(fuv_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_copy(tmp_path_factory, fuv_root)


@pytest.fixture
def full_copy(full_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_copy(tmp_path_factory, full_root)


@pytest.fixture(scope="session")
def full(full_root: Path) -> Iterator[Archive]:
    """The same, open: to open it takes longer than most of what is asked of it."""
    with Archive(full_root) as archive:
        yield archive


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Cli]:
    """Run ``gphoton-db`` with some arguments, in this process."""

    def run(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["gphoton-db", *map(str, arguments)])
        capsys.readouterr()
        code: str | int | None = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        assert code is None or isinstance(code, int)
        return Outcome(code or 0, *capsys.readouterr())

    logger = logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    yield run
    logger.handlers[:] = handlers
    logger.setLevel(level)
