"""polars, pandas and fitsio read the same numbers out of our files."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from astropy.table import Table

from tests.interoperability.conftest import Library


def numbers(column: Any) -> Any:
    return np.asarray(getattr(column, "value", column), float)


@pytest.mark.parametrize("name", ["lightcurve", "lightcurves", "events", "find", "search"])
def test_polars_and_fitsio_read_the_numbers(
    measured: dict[str, Table], files: Path, library: Library, name: str
) -> None:
    polars, fitsio = library("polars"), library("fitsio")
    ours = measured[name]
    parquet = polars.read_parquet(files / f"{name}.parquet")
    text = polars.read_csv(files / f"{name}.csv", infer_schema_length=None)
    records = fitsio.read(files / f"{name}.fits", ext=1)
    for column in set(ours.colnames) & {"t0", "t1", "exposure", "ra", "cps", "weight", "eclipse"}:
        expected = numbers(ours[column])
        np.testing.assert_array_equal(parquet[column].cast(polars.Float64).to_numpy(), expected)
        np.testing.assert_array_equal(text[column].cast(polars.Float64).to_numpy(), expected)
        if column in records.dtype.names:
            np.testing.assert_array_equal(records[column].astype(float), expected)


def test_an_empty_list_of_events_has_the_types_of_a_full_one(files: Path, library: Library) -> None:
    polars = library("polars")
    full, empty = (polars.read_parquet(files / f"{n}.parquet") for n in ("events", "no_events"))
    assert len(empty) == 0
    assert empty.schema == full.schema
    assert list(pd.read_csv(files / "no_events.csv").columns) == full.columns
