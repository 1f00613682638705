"""Light curves of very many positions: in blocks, into files, or refused with an estimate."""

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.table import QTable, Table
from tests.archives import SessionArchive, Star
from tests.gphoton_db.conftest import Cli

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError

MANY = "gphoton_db.products.lightcurves.many"


@pytest.fixture(scope="module")
def archive(two_bands: SessionArchive) -> Iterator[Archive]:
    with Archive(two_bands.archive_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def positions(two_bands: SessionArchive) -> Table:
    """Stars, with one off the field, one that is none, and one twice."""
    stars = [two_bands.star(star) for star in Star]
    ra = [*(star.ra for star in stars), 10.0, np.nan, stars[1].ra]
    dec = [*(star.dec for star in stars), 10.0, 1.0, stars[1].dec]
    return Table({"ra": ra, "dec": dec})


def assert_same(found: QTable, expected: QTable) -> None:
    assert found.colnames == expected.colnames
    assert len(found) == len(expected) > 0
    for name in expected.colnames:
        a, b = (np.asarray(getattr(t[name], "value", t[name])) for t in (found, expected))
        np.testing.assert_array_equal(a, b, err_msg=name)


def test_blocks_are_the_rows_of_one_table(
    archive: Archive, positions: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    from astropy.table import vstack

    options: dict[str, Any] = {"annulus": (30, 60), "step": 7}
    whole = archive.lightcurves(positions, **options)
    monkeypatch.setattr(f"{MANY}.ROWS_AT_ONCE", 20)
    blocks = list(archive.lightcurve_blocks(positions, **options))
    assert len(blocks) > 4
    most_of_one = np.bincount(np.asarray(whole["position"])).max()
    assert all(len(block) < 20 + most_of_one for block in blocks)
    assert {block.meta["N_DUPLICATE"] for block in blocks} == {1}
    assert_same(vstack(blocks, metadata_conflicts="silent"), whole)


@pytest.fixture(scope="module")
def whole(archive: Archive, positions: Table) -> QTable:
    """Light curves in one table; not to be changed."""
    return archive.lightcurves(positions, step=7)


@pytest.mark.parametrize("ending", ["parquet", "csv", pytest.param("fits", marks=pytest.mark.deep)])
def test_a_file_written_in_blocks_is_that_of_one_table(
    archive: Archive,
    positions: Table,
    whole: QTable,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ending: str,
) -> None:
    expected = archive.write_measured(whole, tmp_path / f"whole.{ending}")
    monkeypatch.setattr(f"{MANY}.ROWS_AT_ONCE", 20)
    done = archive.write_lightcurves(positions, tmp_path / f"blocks.{ending}", step=7)
    assert done.path == tmp_path / f"blocks.{ending}"
    assert (done.n_rows, done.meta["N_OFF_FIELD"]) == (len(whole), 1)
    rows = archive.query("SELECT kind FROM products WHERE path = ?", [str(done.path)]).rows()
    assert [row["kind"] for row in rows] == ["lightcurve"]
    assert sorted(p.name for p in tmp_path.glob("*.*")) == [f"blocks.{ending}", f"whole.{ending}"]
    if ending == "csv":
        assert done.path.read_text() == expected.read_text()
    if ending == "parquet":
        assert pq.ParquetFile(done.path).num_row_groups > 4
        assert pq.read_schema(done.path).equals(pq.read_schema(expected), check_metadata=True)
        assert_same(QTable.read(done.path), QTable.read(expected))
        assert Table.read(done.path).meta["N_POSITIONS"] == len(positions)


@pytest.mark.parametrize("ending", [None, "fits", "ecsv", "vot"])
def test_too_many_rows_are_refused_before_any_is_made(
    archive: Archive, positions: Table, tmp_path: Path, ending: str | None
) -> None:
    many = Table({name: np.repeat(positions[name], 50) for name in positions.colnames})
    message = r"of 500 positions have [\d,]+ rows, about [\d.]+ GB.*write_lightcurves.*\.parquet"

    def make() -> object:
        if ending is None:
            return archive.lightcurves(many, step=0.005)
        return archive.write_lightcurves(many, tmp_path / f"curves.{ending}", step=0.005)

    with pytest.raises(ProductError, match=message):
        make()
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_positions(
    archive: Archive, positions: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{MANY}.ROWS_AT_ONCE", 300)

    def peak(times: int) -> int:
        many = Table({name: np.tile(positions[name][:7], times) for name in positions.colnames})
        tracemalloc.start()
        try:
            n_rows = sum(len(block) for block in archive.lightcurve_blocks(many, step=2))
            assert n_rows >= 100 * len(many) / 7
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    list(archive.lightcurve_blocks(positions[:7], step=2))  # imports and kernels
    assert peak(9) < 1.5 * peak(3)


def test_the_command_writes_in_blocks(
    two_bands: SessionArchive,
    positions: Table,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cli: Cli,
) -> None:
    monkeypatch.chdir(tmp_path)
    root = two_bands.archive_path
    positions.write(tmp_path / "list.csv", format="ascii.csv")
    command = ["--archive", root, "lightcurve", "--catalog", "list.csv", "--step", "7"]
    done = cli(*command, "--output", "many.parquet", "--json")
    assert done.code == 0, done.err
    report = json.loads(done.out)
    assert (report["files"], report["n_rows"]) == (
        ["many.parquet"],
        len(pq.read_table(tmp_path / "many.parquet")),
    )
    tiled = Table({n: np.repeat(positions[n], 50) for n in positions.colnames})
    tiled.write(tmp_path / "list.csv", format="ascii.csv", overwrite=True)
    command[-1] = "0.005"
    refused = cli(*command, "--output", "many.fits")
    assert refused.code != 0
    assert "about" in refused.err
