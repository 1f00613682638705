"""Photon lists: the photons of a leg for other programs."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.products.conftest import ECLIPSE

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.photons.photon_list import write_photon_list
from gphoton_db.products.reader import choose_leg


@pytest.fixture
def opened(copied: Path) -> Archive:
    return Archive(copied)


def test_the_list_has_every_photon_and_the_columns_that_were_asked_for(
    opened: Archive, tmp_path: Path
) -> None:
    reader = opened._product_reader()
    leg = choose_leg(reader, ECLIPSE, Band.NUV)
    path = write_photon_list(reader, leg, ("t", "weight", "detrad", "flags"), tmp_path)
    table = pq.read_table(path)
    assert path.name == "e23500-nd-b00.parquet"
    assert table.column_names == ["t", "weight", "detrad", "flags"]
    assert table.num_rows == leg.n_photons
    assert table.schema.metadata[b"CALHASH"].decode() == leg.calibration
    (row,) = opened.query(
        "SELECT sum(1 / response) AS weight FROM photons "
        "WHERE eclipse = ? AND band = 'NUV' AND response > 0",
        [ECLIPSE],
    ).rows()
    assert np.nansum(table["weight"].to_numpy()) == pytest.approx(row["weight"], rel=1e-6)
    (made,) = opened.query("SELECT kind, leg FROM products WHERE path LIKE '%-b00.parquet'").rows()
    assert made == {"kind": "photon list", "leg": 0}


def test_all_columns(opened: Archive, tmp_path: Path) -> None:
    reader = opened._product_reader()
    path = write_photon_list(
        reader, choose_leg(reader, ECLIPSE, Band.FUV, 1), ("all",), tmp_path / "mine.parquet"
    )
    assert {"ra", "q", "ya", "mask", "cell", "weight"} < set(pq.read_schema(path).names)


@pytest.mark.parametrize(
    ("columns", "message"), [(("t", "colour"), "no column 'colour': there are"), ((), "no columns")]
)
def test_unknown_columns_are_named(
    opened: Archive, tmp_path: Path, columns: tuple[str, ...], message: str
) -> None:
    reader = opened._product_reader()
    leg = choose_leg(reader, ECLIPSE, Band.NUV)
    with pytest.raises(ProductError, match=message):
        write_photon_list(reader, leg, columns, tmp_path)
    assert list(tmp_path.glob("*.parquet")) == []
