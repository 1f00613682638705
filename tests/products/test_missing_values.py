"""What is not known is a blank in every CSV file, whatever holds it in a table."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.table import MaskedColumn, QTable, Table

from gphoton_db.products.sources.write import write_sources
from gphoton_db.products.tables import encode_table

Written = Callable[[Table, Path], str]


def _measured(table: Table, path: Path) -> str:
    return encode_table(table, "csv").decode()


def _sources(table: Table, path: Path) -> str:
    return write_sources(table, path / "sources.csv").read_text()


@pytest.mark.parametrize("written", [_measured, _sources])
def test_what_is_not_known_is_a_blank(written: Written, tmp_path: Path) -> None:
    table = QTable(
        {
            "eclipse": [1, 2],
            "mag": [20.5, np.nan],
            "flux": [np.nan, 2.5] * u.Unit("erg / s"),
            "leg": MaskedColumn([0, 1], mask=[True, False]),
            "error": MaskedColumn([0.5, np.nan], mask=[True, False]),
            "far": [np.inf, -np.inf],
        },
        meta={"KIND": "lightcurve"},
    )
    rows = list(csv.reader(written(table, tmp_path).splitlines()))
    assert rows == [
        ["eclipse", "mag", "flux", "leg", "error", "far"],
        ["1", "20.5", "", "", "", "inf"],
        ["2", "", "2.5", "1", "", "-inf"],
    ]
    assert np.isnan(table["mag"][1])
    assert table["leg"].mask.tolist() == [True, False]
