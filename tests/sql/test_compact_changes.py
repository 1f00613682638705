"""Merging while an archive changes, and when it is killed: nothing is lost, nothing is old."""

import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from gphoton_db.archive import Archive
from gphoton_db.intake import compact as compacting
from gphoton_db.intake import merging
from gphoton_db.mission import Band
from tests.examples import deep
from tests.gphoton_db.archives import Sources, ingest
from tests.gphoton_db.dying import Death
from tests.gphoton_db.test_killed import die
from tests.sql.conftest import STAR, Sky
from tests.sql.deep_fields import make_deep_field
from tests.sql.test_compact import (
    assert_same,
    listed_names,
    merged_names,
    rows_in,
    rows_of,
)


@pytest.fixture(scope="module")
def made_visits(made_sky: Sky, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sources]:
    """An archive of two visits of a field, and the sources of one; not to be changed."""
    root = tmp_path_factory.mktemp("two-visits") / "archive"
    make_deep_field(made_sky.root, root, 2, eclipses=[23501])
    return root, made_sky.sources[23501, Band.NUV]


CURVE = f"FROM lightcurve({STAR[0]}, {STAR[1]}, step := 2)"


@pytest.fixture(scope="module")
def curve(made_visits: tuple[Path, Sources]) -> list[tuple[Any, ...]]:
    """The light curve of the star before anything was merged."""
    return rows_of(made_visits[0], CURVE)


@pytest.fixture
def two_visits(made_visits: tuple[Path, Sources], tmp_path: Path) -> tuple[Path, Sources]:
    root, sources = made_visits
    return Path(shutil.copytree(root, tmp_path / "archive")), sources


def test_an_eclipse_that_is_ingested_again_is_read_from_its_own_files(
    two_visits: tuple[Path, Sources], curve: list[tuple[Any, ...]]
) -> None:
    root, sources = two_visits
    with Archive(root) as archive:
        assert archive.compact(fewest=2).n_legs == 2
        names = merged_names(root)
        ingest(archive, sources, force=True)
        assert archive.query("FROM merged_legs").rows() == []
        superseded = {row["path"] for row in archive.query("FROM superseded_files").rows()}
        assert names <= superseded
        assert merged_names(root) == names  # for readers of an older catalogue
        assert_same(rows_in(archive, CURVE), curve)
        assert archive.compact(fewest=2).n_legs == 2
    assert_same(rows_of(root, CURVE), curve)


def test_a_leg_that_changes_meanwhile_is_not_merged(
    two_visits: tuple[Path, Sources], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, sources = two_visits
    written = merging.write_merged

    def ingesting(*arguments: Any) -> Any:
        files = list(written(*arguments))
        with Archive(root) as archive:
            ingest(archive, sources, force=True)
        return files

    monkeypatch.setattr(compacting, "write_merged", ingesting)
    with Archive(root) as archive:
        assert archive.compact(fewest=2).n_sets == 0
        assert archive.query("FROM merged_files").rows() == []
    assert merged_names(root) == set()


FILE_MOVED = ("gphoton_db.intake.compact.move_durably", "after")
CATALOGUE_MADE = ("gphoton_db.catalogue.file.move_durably", "before")
KILLS = [FILE_MOVED, CATALOGUE_MADE]
MORE_KILLS = [
    ("gphoton_db.intake.compact.move_durably", "before"),
    ("gphoton_db.catalogue.file.move_durably", "after"),
]
"""With nothing in its place yet, and with everything."""


@pytest.fixture(scope="module")
def killed(
    made_visits: tuple[Path, Sources], tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], Path]:
    """Archives of two visits in which ``compact`` was killed, by where and when."""
    roots, deaths = {}, []
    for target, moment in [*KILLS, *MORE_KILLS] if deep() else KILLS:
        root = tmp_path_factory.mktemp("killed") / "archive"
        roots[target, moment] = Path(shutil.copytree(made_visits[0], root))
        command = ["--archive", str(root), "compact", "--fewest", "2"]
        Archive(root).close()  # gets used to its place, so that the commit is that of the command
        deaths.append(Death(command, target, moment))
    assert die(deaths) == [signal.SIGKILL] * len(deaths)
    return roots


@pytest.mark.parametrize(
    ("target", "moment"),
    [*KILLS, *(pytest.param(*kill, marks=pytest.mark.deep) for kill in MORE_KILLS)],
)
def test_a_kill_loses_nothing(
    target: str,
    moment: str,
    killed: dict[tuple[str, str], Path],
    curve: list[tuple[Any, ...]],
) -> None:
    root = killed[target, moment]
    with Archive(root) as archive:
        assert_same(rows_in(archive, CURVE), curve)
        archive.compact(fewest=2)
        assert_same(rows_in(archive, CURVE), curve)
    listed = listed_names(root)
    assert len(listed) == 3, "photons, seconds, aspect"
    assert merged_names(root) == listed
