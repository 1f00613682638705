from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gphoton_db.aspect.legs import leg_geometry
from gphoton_db.aspect.pointing import VisitMetadata
from gphoton_db.aspect.read import find_pointing, merge_metadata, read_pointing
from gphoton_db.errors import PointingError

Write = Callable[..., Path]
Dither = Callable[..., dict[str, Any]]


def test_asprta_and_consolidated_tables_give_one_pointing(e23500: Path) -> None:
    refined = read_pointing(e23500 / "e23500-b00-asprta.fits.gz", 23500)
    consolidated = read_pointing(e23500 / "aspect", 23500)
    assert (refined.source, consolidated.source) == ("asprta", "consolidated")
    (one,), (other,) = refined.legs, consolidated.legs
    assert (one.number, one.boresight) == (other.number, other.boresight)
    for column in ("time_ms", "ra", "dec", "roll", "flags"):
        np.testing.assert_array_equal(getattr(one.aspect, column), getattr(other.aspect, column))
    assert leg_geometry(one) == leg_geometry(other)


def test_a_whole_directory_prefers_asprta_and_takes_metadata_from_scst(e23500: Path) -> None:
    pointing = read_pointing(str(e23500), 23500)
    assert pointing.source == "asprta"
    assert pointing.metadata.eclipse_start == 874361210.0
    assert [Path(file).name for file in pointing.files] == [
        "e23500-b00-asprta.fits.gz",
        "e23500-scst.fits.gz",
        "metadata.parquet",
    ]


def test_coarse_attitude_finds_the_leg_of_e23500(e23500: Path) -> None:
    pointing = read_pointing(e23500 / "e23500-scst.fits.gz", 23500)
    refined = read_pointing(e23500 / "e23500-b00-asprta.fits.gz", 23500)
    assert pointing.source == "scst"
    assert [leg.boresight for leg in pointing.legs] == [refined.legs[0].boresight]
    assert abs(pointing.legs[0].aspect.time_ms[0] - refined.legs[0].aspect.time_ms[0]) <= 3000


def test_forms_are_preferred_in_order(
    tmp_path: Path,
    dither: Dither,
    write_asprta: Write,
    write_scst: Write,
    write_aspect_table: Write,
) -> None:
    rows = dither([(10.0, 0.0)])
    scst = write_scst(tmp_path / "e23456-scst.fits.gz", rows)
    assert read_pointing(tmp_path, 23456).source == "scst"
    table = write_aspect_table(tmp_path / "tables" / "aspect.parquet", rows)
    assert read_pointing(tmp_path, 23456).source == "consolidated"
    asprta = write_asprta(tmp_path / "visits" / "e23456" / "e23456-b00-asprta.fits", rows)
    pointing = read_pointing(tmp_path, 23456)
    assert pointing.source == "asprta"
    assert pointing.files == (str(asprta), str(scst))
    assert read_pointing(table, 23456).files == (str(table),)


def test_directories_are_searched_two_levels_deep(
    tmp_path: Path, dither: Dither, write_asprta: Write
) -> None:
    write_asprta(tmp_path / "1" / "2" / "3" / "e23456-b00-asprta.fits", dither([(10.0, 0.0)]))
    with pytest.raises(PointingError, match=r"no pointing of eclipse 23456 in .*2 levels deep"):
        read_pointing(tmp_path, 23456)
    assert len(read_pointing(tmp_path / "1", 23456).legs) == 1


def test_files_of_other_eclipses_are_ignored(
    tmp_path: Path,
    dither: Dither,
    write_asprta: Write,
    write_scst: Write,
    write_aspect_table: Write,
) -> None:
    rows = dither([(10.0, 0.0)])
    (tmp_path / "e11111-b00-asprta.fits").write_bytes(b"damaged, and nobody's business")
    write_asprta(tmp_path / "unnamed-asprta.fits", rows, ECLIPSE=11111)
    write_scst(tmp_path / "e11111-scst.fits", rows, ECLIPSE=11111)
    write_aspect_table(tmp_path / "aspect.parquet", rows, eclipse=33333)
    (tmp_path / "notes.txt").write_text("asprta")
    with pytest.raises(PointingError, match=r"looked for \*asprta\*.*aspect\*.*\*scst\*"):
        read_pointing(tmp_path, 23456)
    ours = write_asprta(tmp_path / "MIS-0001-asprta.fits", rows)
    assert read_pointing(tmp_path, 23456).files == (str(ours),)
    assert find_pointing(tmp_path, 23456).scst == ()


def test_several_asprta_files_are_several_legs(
    tmp_path: Path, dither: Dither, write_asprta: Write
) -> None:
    for k in range(4):
        rows = dither([((359 + k) % 360, 88.0)], t0=1000.0 + 150 * k)
        write_asprta(tmp_path / f"e23456-b{k:02d}-asprta.fits.gz", rows)
    pointing = read_pointing(tmp_path, 23456)
    assert [leg.number for leg in pointing.legs] == [0, 1, 2, 3]
    assert pointing.metadata == VisitMetadata(23456)
    assert len(pointing.files) == 4


def test_a_damaged_file_of_the_eclipse_is_an_error_not_passed_over(
    tmp_path: Path, dither: Dither, write_asprta: Write, write_scst: Write
) -> None:
    rows = dither([(10.0, 0.0)])
    write_scst(tmp_path / "e23456-scst.fits.gz", rows)
    path = write_asprta(tmp_path / "e23456-b00-asprta.fits.gz", rows)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(PointingError, match=r"e23456-b00-asprta\.fits\.gz: cannot be read"):
        read_pointing(tmp_path, 23456)


@pytest.mark.parametrize("form", ["asprta", "scst", "consolidated"])
def test_aspect_without_a_good_fix_is_an_error(
    tmp_path: Path,
    dither: Dither,
    write_asprta: Write,
    write_scst: Write,
    write_aspect_table: Write,
    form: str,
) -> None:
    rows = dither([(10.0, 0.0)])
    rows["status_flag"][:] = 1
    if form == "asprta":
        write_asprta(tmp_path / "e23456-b00-asprta.fits.gz", rows)
    elif form == "scst":
        write_scst(tmp_path / "e23456-scst.fits.gz", rows)
    else:
        write_aspect_table(tmp_path / "aspect.parquet", rows)
    with pytest.raises(PointingError, match="eclipse 23456 has only gaps and bad flags"):
        read_pointing(tmp_path, 23456)


def test_aspect_with_only_gaps_is_an_error(
    tmp_path: Path, dither: Dither, write_asprta: Write
) -> None:
    rows = dither([(10.0, 0.0)])
    rows["t"] = rows["t"][0] + 2 * np.arange(100.0)
    write_asprta(tmp_path / "e23456-b00-asprta.fits.gz", rows)
    with pytest.raises(PointingError, match="only gaps"):
        read_pointing(tmp_path, 23456)


def test_a_leg_without_a_good_fix_is_left_out_and_said(
    tmp_path: Path, dither: Dither, write_asprta: Write, caplog: pytest.LogCaptureFixture
) -> None:
    rows = dither([(10.0, 0.0)])
    write_asprta(tmp_path / "e23456-b01-asprta.fits", rows)
    rows["status_flag"][:] = 1
    rows["t"] = rows["t"] - 200
    write_asprta(tmp_path / "e23456-b00-asprta.fits", rows)
    assert [leg.number for leg in read_pointing(tmp_path, 23456).legs] == [1]
    assert "without a good fix" in caplog.text


def test_metadata_of_scst_and_table_are_merged(
    tmp_path: Path, dither: Dither, write_scst: Write, write_parquet: Write
) -> None:
    write_scst(tmp_path / "e23456-scst.fits", dither([(10.0, 0.0)]), VISIT=3, FDTTDC=29.0)
    write_parquet(
        tmp_path / "metadata.parquet",
        {"eclipse": [23456], "visit": [4], "plan_type": ["DIS"], "fuv_tdc_temp": [31.0]},
    )
    pointing = read_pointing(tmp_path, 23456)
    assert pointing.metadata == VisitMetadata(23456, visit=3, plan_type="DIS", fuv_tdc_temp=29.0)
    assert len(pointing.files) == 2


def test_what_the_first_metadata_say_is_kept() -> None:
    first = VisitMetadata(1, visit=0)
    assert merge_metadata(first, VisitMetadata(1, visit=5, plan_id=6)) == VisitMetadata(
        1, visit=0, plan_id=6
    )


@pytest.mark.parametrize("name", ["nowhere", "nowhere.parquet", "e23456-b00-asprta.fits"])
def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(PointingError, match=f"{name}: there is no such file"):
        read_pointing(tmp_path / name, 23456)


def test_a_file_of_no_known_form_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "e23456-nd-raw6.fits.gz"
    path.write_bytes(b"")
    with pytest.raises(PointingError, match=r"no pointing of eclipse 23456 in .*raw6"):
        read_pointing(path, 23456)
