"""Work over many legs tells how far it is, and is written in blocks where it may be large."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from astropy.table import Table

from gphoton_db.archive import Archive
from gphoton_db.products.lightcurves import many
from gphoton_db.products.photons import events
from gphoton_db.progress import Progress
from tests.archives import SessionArchive, Star

Work = Callable[[Archive, float, float, Progress], Any]


def positions(ra: float, dec: float) -> Table:
    return Table({"ra": [ra, ra + 0.01, ra - 0.01], "dec": [dec, dec, dec]})


WORK: dict[str, tuple[int, Work]] = {
    "lightcurve": (2, lambda a, ra, dec, tell: a.lightcurve(ra, dec, on_progress=tell)),
    "of images": (
        2,
        lambda a, ra, dec, tell: a.lightcurve(ra, dec, method="image", on_progress=tell),
    ),
    "lightcurves": (
        2,
        lambda a, ra, dec, tell: a.lightcurves(positions(ra, dec), on_progress=tell),
    ),
    "find": (3, lambda a, ra, dec, tell: a.find(positions(ra, dec), on_progress=tell)),
    "map": (4, lambda a, ra, dec, tell: a.map(ra, dec, 0.02, on_progress=tell)),
    "maps": (
        6,
        lambda a, ra, dec, tell: a.map(ra, dec, 0.02, bands="NUV", depth=30, on_progress=tell),
    ),
}
"""Work on a position that two visits saw in NUV, and the steps in which it tells of its progress.
Of a map each band counts as much, though there is no FUV; with a depth, each map."""


@pytest.fixture
def place(overlapping_visits: SessionArchive) -> tuple[float, float]:
    star = overlapping_visits.star(Star.BRIGHT)
    return star.ra, star.dec


@pytest.mark.parametrize("name", WORK)
def test_progress_goes_from_nothing_to_all(
    name: str, overlapping_visits: SessionArchive, place: tuple[float, float]
) -> None:
    steps, work = WORK[name]
    told: list[tuple[str, int, int]] = []
    with Archive(overlapping_visits.archive_path) as archive:
        work(archive, *place, lambda *said: told.append(said))
    done = [each[1] for each in told]
    assert done == sorted(done)
    assert done[0] == 0
    if name == "map":
        assert told[-1] == ("legs", 2, 4)
    else:
        assert {each[2] for each in told} == {steps}
        assert done[-1] == steps


def test_blocks_of_light_curves_are_parts_of_one_progress(
    overlapping_visits: SessionArchive,
    place: tuple[float, float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(many, "ROWS_AT_ONCE", 1)
    told: list[tuple[str, int, int]] = []
    with Archive(overlapping_visits.archive_path) as archive:
        tell = lambda *said: told.append(said)  # noqa: E731
        blocks = list(archive.lightcurve_blocks(positions(*place), step=None, on_progress=tell))
    assert len(blocks) == 3
    done = [each[1] for each in told]
    assert (done[0], done[-1], done) == (0, 6, sorted(done))
    assert {each[2] for each in told} == {6}


@pytest.mark.parametrize("ending", ["parquet", "ecsv", pytest.param("csv", marks=pytest.mark.deep)])
def test_events_in_blocks_are_those_of_the_whole(
    ending: str,
    overlapping_visits: SessionArchive,
    place: tuple[float, float],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blocks, whole = tmp_path / f"blocks.{ending}", tmp_path / f"whole.{ending}"
    monkeypatch.setattr(events, "ROWS_AT_ONCE", 2048)
    told: list[tuple[str, int, int]] = []
    with Archive(overlapping_visits.archive_path) as archive:
        write = partial(archive.write_events, *place, 30, path=blocks)
        done = write(on_progress=lambda *said: told.append(said))
        made = archive.events(*place, 30)
        archive.write_measured(made, whole)
        sql = "SELECT path, parameters FROM products WHERE starts_with(path, ?)"
        rows = archive.query(sql, [str(tmp_path)]).rows()
    assert told == [("photons of 2 legs", 0, 1)]
    assert len(made) > 2 * 2048
    assert done.path == blocks
    assert {row["path"] for row in rows} == {str(blocks), str(whole)}
    assert len({row["parameters"] for row in rows}) == 1
    if ending == "parquet":
        ours, theirs = pq.read_table(blocks), pq.read_table(whole)
        assert ours.equals(theirs)
        assert ours.schema.metadata == theirs.schema.metadata
        assert pq.read_metadata(blocks).num_row_groups > 1
    else:
        assert blocks.read_bytes() == whole.read_bytes()
