from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gphoton_db.aspect.consolidated import (
    ConsolidatedTables,
    read_consolidated_legs,
    read_consolidated_metadata,
)
from gphoton_db.aspect.pointing import Boresight, VisitMetadata
from gphoton_db.errors import PointingError

Write = Callable[..., Path]
Dither = Callable[..., dict[str, Any]]

TARGETS = [(359.5, 10.0), (0.5, 10.0)]


def _boresights(rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    t0 = rows["t"][0]
    return {
        "eclipse": [23455, 23456, 23456],
        "leg": [1, 1, 2],
        "time": [0.0, t0 - 1, t0 + 110],
        "ra0": [0.0, 359.5, 0.5],
        "dec0": [0.0, 10.0, 10.0],
        "roll0": [0.0, 110.0, 111.0],
    } | changes


def test_tables_are_known_by_their_names() -> None:
    names = ["Aspect_2.parquet", "bore-sight.parquet", "METADATA3.parquet", "leg-aperture.parquet",
             "aspect.csv", "aspect.parquet", "raw_data_urls.parquet"]  # fmt: skip
    tables = ConsolidatedTables.among(Path(name) for name in names)
    assert tables.aspect == (Path("aspect.parquet"), Path("Aspect_2.parquet"))
    assert tables.boresight == Path("bore-sight.parquet")
    assert tables.metadata == Path("METADATA3.parquet")


def test_legs_come_from_the_boresight_table(
    tmp_path: Path, dither: Dither, write_aspect_table: Write, write_parquet: Write
) -> None:
    rows = dither(TARGETS)
    files = (
        write_aspect_table(tmp_path / "aspect.parquet", rows),
        write_parquet(tmp_path / "boresight.parquet", _boresights(rows)),
    )
    legs, used = read_consolidated_legs(ConsolidatedTables.among(files), 23456)
    assert used == files
    assert [leg.number for leg in legs] == [0, 1]
    assert [leg.boresight for leg in legs] == [
        Boresight(359.5, 10.0, 110.0),
        Boresight(0.5, 10.0, 111.0),
    ]
    assert [len(leg.aspect) for leg in legs] == [110, 110]
    np.testing.assert_array_equal(np.concatenate([leg.aspect.ra for leg in legs]), rows["ra"])


@pytest.mark.parametrize("name", ["start", "T0", "time_start"])
def test_older_names_of_the_start_column_are_known(
    tmp_path: Path, dither: Dither, write_aspect_table: Write, write_parquet: Write, name: str
) -> None:
    rows = dither(TARGETS)
    boresights = _boresights(rows)
    boresights[name] = boresights.pop("time")
    del boresights["roll0"]
    files = (
        write_aspect_table(tmp_path / "aspect.parquet", rows),
        write_parquet(tmp_path / "boresight2.parquet", boresights),
    )
    legs, _ = read_consolidated_legs(ConsolidatedTables.among(files), 23456)
    assert legs[1].boresight.ra0 == 0.5
    assert legs[1].boresight.roll0 == pytest.approx(110.0)


@pytest.mark.parametrize("with_table", [True, False])
def test_without_boresights_the_legs_come_from_the_aspect(
    tmp_path: Path,
    dither: Dither,
    write_aspect_table: Write,
    write_parquet: Write,
    with_table: bool,
) -> None:
    rows = dither(TARGETS)
    files = [write_aspect_table(tmp_path / "aspect.parquet", rows)]
    if with_table:
        boresights = _boresights(rows, eclipse=[1, 2, 3])
        files.append(write_parquet(tmp_path / "boresight.parquet", boresights))
    legs, used = read_consolidated_legs(ConsolidatedTables.among(files), 23456)
    assert [leg.boresight.ra0 for leg in legs] == pytest.approx([359.5, 0.5], abs=0.02)
    assert used == (files[0],)


def test_an_eclipse_that_is_not_in_the_tables_has_nothing(
    tmp_path: Path, dither: Dither, write_aspect_table: Write
) -> None:
    file = write_aspect_table(tmp_path / "aspect.parquet", dither(TARGETS))
    assert read_consolidated_legs(ConsolidatedTables.among([file]), 99) == ((), ())


def test_a_coarse_second_table_serves_where_the_first_has_nothing(
    tmp_path: Path, dither: Dither, write_aspect_table: Write, write_parquet: Write
) -> None:
    rows = dither([(10.0, 0.0)])
    coarse = {
        "eclipse": np.full(100, 777),
        "pktime": rows["t"],
        "ra_acs": rows["ra"],
        "dec_acs": rows["dec"],
        "roll_acs": rows["roll"],
        "hvnom_nuv": np.arange(100) >= 50,
    }
    tables = ConsolidatedTables.among(
        [
            write_aspect_table(tmp_path / "aspect.parquet", rows),
            write_parquet(tmp_path / "aspect2.parquet", coarse),
        ]
    )
    (leg,), used = read_consolidated_legs(tables, 777)
    assert used == (tmp_path / "aspect2.parquet",)
    assert len(leg.aspect) == 50


def test_an_aspect_table_without_flags_or_voltages_is_an_error(
    tmp_path: Path, write_parquet: Write
) -> None:
    columns = {name: [0.0] for name in ("time", "ra", "dec", "roll")} | {"eclipse": [1]}
    file = write_parquet(tmp_path / "aspect.parquet", columns)
    with pytest.raises(PointingError, match=r"aspect\.parquet: column\(s\) missing: flags"):
        read_consolidated_legs(ConsolidatedTables.among([file]), 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"leg": [1, 0, 1]},
        {"leg": [1, 1, 1]},
        {"leg": [1, 2, 1]},
        {"leg": [1, 1, 2.5]},
        {"leg": [1, 1, None]},
        {"time": [0.0, 1.0, None]},
        {"time": [0.0, 1.0, 1.0]},
        {"dec0": [0.0, 0.0, -90.5]},
    ],
)
def test_impossible_boresights_are_errors(
    tmp_path: Path,
    dither: Dither,
    write_aspect_table: Write,
    write_parquet: Write,
    changes: dict[str, Any],
) -> None:
    rows = dither(TARGETS)
    files = [
        write_aspect_table(tmp_path / "aspect.parquet", rows),
        write_parquet(tmp_path / "boresight.parquet", _boresights(rows, **changes)),
    ]
    with pytest.raises(PointingError, match=r"boresight\.parquet: eclipse 23456"):
        read_consolidated_legs(ConsolidatedTables.among(files), 23456)


def test_missing_boresight_columns_are_listed(
    tmp_path: Path, dither: Dither, write_aspect_table: Write, write_parquet: Write
) -> None:
    rows = dither(TARGETS)
    files = [
        write_aspect_table(tmp_path / "aspect.parquet", rows),
        write_parquet(tmp_path / "boresight.parquet", {"eclipse": [1], "leg": [1], "dec0": [0.0]}),
    ]
    with pytest.raises(PointingError, match=r"boresight\.parquet: .*start or time.*; ra0"):
        read_consolidated_legs(ConsolidatedTables.among(files), 23456)


def test_metadata_are_read_by_name(tmp_path: Path, write_parquet: Write) -> None:
    path = write_parquet(
        tmp_path / "metadata.parquet",
        {
            "eclipse": [1, 2],
            "PLAN_TYPE": ["AIS", None],
            "planned_legs": [0, None],
            "visit": [7.0, 8.0],
            "fuv_tdc_temp": [29.5, np.nan],
            "has_aspect": [True, False],
        },
    )
    assert read_consolidated_metadata(path, 1) == VisitMetadata(
        1, plan_type="AIS", planned_legs=1, visit=7, fuv_tdc_temp=29.5
    )
    assert read_consolidated_metadata(path, 2) == VisitMetadata(2, visit=8)
    assert read_consolidated_metadata(path, 3) is None


def test_two_rows_of_metadata_are_an_error(tmp_path: Path, write_parquet: Write) -> None:
    path = write_parquet(tmp_path / "metadata.parquet", {"eclipse": [1, 1], "visit": [1, 2]})
    with pytest.raises(PointingError, match=r"metadata\.parquet: 2 rows of eclipse 1"):
        read_consolidated_metadata(path, 1)
