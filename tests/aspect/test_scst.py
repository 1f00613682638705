from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gphoton_db.aspect.legs import leg_geometry
from gphoton_db.aspect.pointing import Boresight, VisitMetadata
from gphoton_db.aspect.scst import (
    galex_time,
    read_planned_legs,
    read_scst_legs,
    read_scst_metadata,
)
from gphoton_db.errors import PointingError

Write = Callable[..., Path]
Dither = Callable[..., dict[str, Any]]


def test_galex_time_counts_from_the_gps_epoch() -> None:
    assert galex_time("070920T220650Z") == 874361210.0
    epoch = datetime(1980, 1, 6, tzinfo=UTC)
    assert (
        galex_time("030101T000000Z") == (datetime(2003, 1, 1, tzinfo=UTC) - epoch).total_seconds()
    )


def test_metadata_of_e23500(e23500: Path) -> None:
    assert read_scst_metadata(e23500 / "e23500-scst.fits.gz", 23500) == VisitMetadata(
        eclipse=23500,
        plan_type="MIS",
        plan_subtype="mis",
        visit=1,
        plan_id=1,
        planned_legs=1,
        eclipse_start=874361210.0,
        eclipse_duration=459.0,
        nuv_det_on_time=400.0,
        fuv_det_on_time=400.0,
        nuv_det_temp=25.0,
        fuv_det_temp=24.0,
        nuv_tdc_temp=30.0,
        fuv_tdc_temp=29.5,
    )


@pytest.mark.parametrize(("planned", "legs"), [(0, 1), (1, 1), (4, 4)])
def test_no_planned_legs_count_as_one(
    tmp_path: Path, dither: Dither, write_scst: Write, planned: int, legs: int
) -> None:
    path = write_scst(tmp_path / "e23456-scst.fits", dither([(10.0, 0.0)]), MPSNPOS=planned)
    assert read_scst_metadata(path, 23456).planned_legs == legs


def test_absurd_numbers_of_the_header_are_not_known(
    tmp_path: Path, dither: Dither, write_scst: Write, caplog: pytest.LogCaptureFixture
) -> None:
    rows = dither([(10.0, 0.0)])
    path = write_scst(tmp_path / "e23456-scst.fits", rows, VISIT=1e300, MPSNPOS=2_000_000_000)
    assert read_scst_metadata(path, 23456).visit is None
    assert "VISIT = 1e+300 is too large" in caplog.text
    assert read_planned_legs(path, 23456) == ()  # soon


def test_a_header_that_announces_columns_without_end_is_refused(
    tmp_path: Path, dither: Dither, write_scst: Write
) -> None:
    path = write_scst(tmp_path / "e23456-scst.fits", dither([(10.0, 0.0)]))
    content = path.read_bytes()
    at = content.index(b"TFIELDS = ") + 10
    path.write_bytes(content[:at] + b"999999999".rjust(20) + content[at + 20 :])
    with pytest.raises(PointingError, match=r"TFIELDS = 999999999, beyond 0\.\.999"):
        read_scst_metadata(path, 23456)


def test_what_the_header_does_not_say_is_not_known(
    tmp_path: Path, dither: Dither, write_scst: Write, caplog: pytest.LogCaptureFixture
) -> None:
    header = {"TRANGE0": "soon", "TRANGE1": "070920T220650Z", "FDTTDC": "n/a"}
    path = write_scst(tmp_path / "e23456-scst.fits", dither([(10.0, 0.0)]), **header)
    assert read_scst_metadata(path, 23456) == VisitMetadata(23456)
    assert "TRANGE0 = 'soon'" in caplog.text
    assert "FDTTDC = 'n/a'" in caplog.text


def test_metadata_need_no_attitude(tmp_path: Path, write_fits: Write) -> None:
    path = write_fits(tmp_path / "e23456-scst.fits", {"VISIT": 3}, {"pktime": np.arange(3.0)})
    assert read_scst_metadata(path, 23456).visit == 3
    with pytest.raises(PointingError, match=r"scst\.fits: column\(s\) missing: ra or ra_acs"):
        read_scst_legs(path, 23456)


def test_legs_come_from_the_seconds_at_voltage(
    tmp_path: Path, dither: Dither, write_scst: Write
) -> None:
    rows = dither([(359.5, 10.0), (0.5, 10.0)], slew_seconds=30)
    rows["status_flag"][:20] = 1
    path = write_scst(tmp_path / "e23456-scst.fits.gz", rows)
    first, second = read_scst_legs(path, 23456)
    assert leg_geometry(first).good_s == pytest.approx(79, abs=3)
    assert leg_geometry(second).good_s == pytest.approx(99, abs=3)
    assert first.boresight.ra0 == pytest.approx(359.5, abs=0.02)
    assert second.boresight.ra0 == pytest.approx(0.5, abs=0.02)


def test_boresights_are_the_planned_ones_where_near(
    tmp_path: Path, dither: Dither, write_scst: Write
) -> None:
    path = write_scst(
        tmp_path / "e23456-scst.fits",
        dither([(10.0, 0.0), (11.0, 0.0)]),
        MPSNPOS=2, RA_CENT=10.5, DEC_CENT=0.0, ROLL=33.0,
        RA_1=10.001, DEC_1=0.0, RA_2=14.0, DEC_2=0.0,
    )  # fmt: skip
    first, second = read_scst_legs(path, 23456)
    assert first.boresight == Boresight(10.001, 0.0, 33.0)
    assert second.boresight.ra0 == pytest.approx(11.0, abs=0.01)


def test_never_at_voltage_means_no_legs(tmp_path: Path, dither: Dither, write_scst: Write) -> None:
    rows = dither([(10.0, 0.0)])
    rows["status_flag"][:] = 1
    assert read_scst_legs(write_scst(tmp_path / "e23456-scst.fits", rows), 23456) == ()


def test_a_file_of_another_eclipse_is_an_error(
    tmp_path: Path, dither: Dither, write_scst: Write
) -> None:
    path = write_scst(tmp_path / "scst.fits", dither([(10.0, 0.0)]))
    for read in (read_scst_metadata, read_scst_legs):
        with pytest.raises(PointingError, match="header says eclipse 23456, not 9"):
            read(path, 9)
