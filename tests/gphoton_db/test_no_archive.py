"""Reading makes no archive: a path with a slip in it is an error, and leaves nothing behind."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import ArchiveError, GPhotonError
from tests.gphoton_db.archives import Sources, assert_tidy, ingest
from tests.gphoton_db.conftest import Cli

READS: dict[str, Callable[[Archive], Any]] = {
    "query": lambda archive: archive.query("FROM legs"),
    "named query": lambda archive: archive.named_query("exposure_per_band"),
    "reads": lambda archive: archive.reads("FROM photons"),
    "legs": lambda archive: archive.legs(),
    "status": lambda archive: archive.status(),
    "search": lambda archive: archive.search(),
    "find": lambda archive: archive.find(323.5, -2.0),
    "image": lambda archive: archive.image(23500, "NUV"),
    "movie": lambda archive: archive.movie(23500, "NUV", depth=10),
    "exposure": lambda archive: archive.exposure(23500, "NUV"),
    "map": lambda archive: archive.map(323.5, -2.0),
    "lightcurve": lambda archive: archive.lightcurve(323.5, -2.0),
    "lightcurves": lambda archive: archive.lightcurves([(323.5, -2.0)]),
    "events": lambda archive: archive.events(323.5, -2.0),
    "photometry": lambda archive: archive.photometry(23500, "NUV"),
    "coverage": lambda archive: archive.coverage(23500, "NUV"),
    "calibration_sets": lambda archive: archive.calibration_sets(),
    "verify_calibration": lambda archive: archive.verify_calibration(),
}

COMMANDS = [
    ["status"],
    ["sql", "FROM legs"],
    ["sql", "--explain", "FROM legs"],
    ["query", "exposure_per_band"],
    ["shell"],
    ["search"],
    ["find", "323.5", "2.0"],
    ["lightcurve", "323.5", "2.0"],
    ["events", "323.5", "2.0"],
    ["image", "23500", "NUV"],
    ["movie", "23500", "NUV", "--depth", "10"],
    ["exposure", "23500", "NUV"],
    ["map", "323.5", "2.0"],
    ["detect", "23500", "NUV"],
    ["photometry", "23500", "NUV"],
    ["calibration", "list"],
    ["calibration", "verify"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_that_reads_makes_no_archive(
    command: list[str], cli: Cli, tmp_path: Path
) -> None:
    done = cli("--archive", tmp_path / "gphoton-arhcive", *command)
    assert (done.code, done.out) == (1, "")
    error = done.err.partition("error: ")[2]
    assert f"there is no archive in {tmp_path / 'gphoton-arhcive'}" in error
    assert "gphoton-db ingest" in error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_read_in_python_makes_no_archive(read: Callable[[Archive], Any], tmp_path: Path) -> None:
    with Archive(tmp_path / "no") as archive, pytest.raises(ArchiveError, match="is no archive in"):
        read(archive)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    with Archive(tmp_path) as archive, pytest.raises(ArchiveError, match="is no archive in"):
        archive.legs()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.deep  # so are the archives of all tests made, and by two at once
def test_the_first_ingest_makes_it(fuv: Sources, tmp_path: Path) -> None:
    root = tmp_path / "some" / "folder"
    with Archive(root) as archive:
        assert list(tmp_path.iterdir()) == []
        ingest(archive, fuv)
        assert len(archive.legs()) == 2
    assert_tidy(root)


@pytest.mark.parametrize("wrong", ["raw6", "pointing", "calibration"])
def test_an_ingest_of_what_is_not_there_makes_none(
    wrong: str, fuv: Sources, tmp_path: Path
) -> None:
    with Archive(tmp_path / "new") as archive:
        for ingest_one in (archive.ingest, archive.run):
            with pytest.raises(GPhotonError, match="nowhere: there is no such file or directory"):
                ingest_one(23500, "FUV", **{**fuv.paths, wrong: tmp_path / "nowhere"})
    assert not (tmp_path / "new").exists()


def test_an_empty_one_is_made_on_request(tmp_path: Path) -> None:
    with Archive(tmp_path / "new", create=True) as archive:
        assert archive.legs() == []
    with Archive(tmp_path / "new", create=True) as archive:
        assert archive.legs() == []
    assert_tidy(tmp_path / "new")
