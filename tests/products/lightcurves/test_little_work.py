"""Light curves of little work: in Python and without tables the numbers are the same."""

from collections.abc import Iterator

import numpy as np
import pytest
from tests.archives import SessionArchive, Star
from tests.gphoton_db.conftest import Cli

from gphoton_db.archive import Archive
from gphoton_db.cli.lightcurve import SHOWN
from gphoton_db.cli.positions import give_table
from gphoton_db.errors import NoCoverageError, ProductError
from gphoton_db.kernels.late import LateKernel, late
from gphoton_db.kernels.shutter import closed_shutter_ms
from gphoton_db.products.lightcurves.options import MeasurementChoices

MEASUREMENTS: dict[str, MeasurementChoices] = {
    "visit": {"radius": 12.8, "step": None},
    "annulus": {"radius": 12.8, "annulus": (30.0, 60.0), "step": 5.0},
    "wide": {"radius": 90.0, "annulus": (90.0, 200.0), "step": 30.0},
    "over the edge": {"radius": 400.0, "step": 1.0},
}


@pytest.fixture(scope="module")
def archive(two_bands: SessionArchive) -> Iterator[Archive]:
    with Archive(two_bands.archive_path) as opened:
        yield opened


@pytest.mark.parametrize(
    "star",
    [Star.BRIGHT, pytest.param(Star.FLARING, marks=pytest.mark.deep), Star.NEAR_THE_EDGE],
)
@pytest.mark.parametrize("name", MEASUREMENTS)
def test_python_counts_what_kernels_count(
    name: str,
    star: Star,
    archive: Archive,
    two_bands: SessionArchive,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = two_bands.star(star)
    options = MEASUREMENTS[name]
    monkeypatch.setattr(LateKernel, "for_work", lambda kernel, us: kernel)
    by_kernels = archive.lightcurve_columns(place.ra, place.dec, **options)
    curve = archive.lightcurve(place.ra, place.dec, **options)
    monkeypatch.setattr(LateKernel, "for_work", lambda kernel, us: kernel.plain)
    by_python = archive.lightcurve_columns(place.ra, place.dec, **options)
    assert by_python["counts"].sum() > 50
    assert list(by_python) == list(by_kernels)
    for column, values in by_kernels.items():
        assert by_python[column].dtype == values.dtype
        assert by_python[column].tobytes() == values.tobytes(), column
        in_table = curve[column]
        np.testing.assert_array_equal(values, getattr(in_table, "value", in_table))
    assert set(curve.colnames) - set(by_kernels) == {"time", "bjd_tdb"}


def test_a_position_is_printed_as_the_table_would_be(
    archive: Archive, two_bands: SessionArchive, cli: Cli, capsys: pytest.CaptureFixture[str]
) -> None:
    star = two_bands.star(Star.BRIGHT)
    curve = archive.lightcurve(star.ra, star.dec, step=0.5)
    capsys.readouterr()
    give_table(curve, archive.write_measured, None, as_json=False, shown=SHOWN)
    of_table = capsys.readouterr()
    assert len(curve) > 100  # so that not all are shown
    words = ("lightcurve", str(star.ra), str(star.dec), "--step", "0.5")
    done = cli("--archive", two_bands.archive_path, *words)
    assert (done.code, done.out) == (0, of_table.out)
    assert done.err.endswith(of_table.err)


def test_columns_are_of_photons_and_of_what_was_seen(archive: Archive) -> None:
    with pytest.raises(ProductError, match="plain columns are of photons"):
        archive.lightcurve_columns(150.1, 2.2, method="image")
    with pytest.raises(NoCoverageError, match="no coverage of"):
        archive.lightcurve_columns(10.0, 60.0)


@late(cache=False)
def doubled(value: float) -> float:
    return 2.0 * value


@late(cache=False)
def four_times(value: float) -> float:
    """Four times a value."""
    return doubled(doubled(value))


def test_python_is_left_when_there_has_been_enough_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LateKernel, "_spent_us", 0.0)
    monkeypatch.setattr(LateKernel, "longest_us", 100.0)
    assert four_times.__doc__ == "Four times a value."
    first = four_times.for_work(60.0)
    assert first is not four_times
    assert first(3.0) == 12.0
    assert four_times._compiled is None
    assert doubled._compiled is None
    assert four_times.for_work(60.0) is four_times
    assert four_times(3.0) == 12.0
    assert len(four_times.signatures) == 1
    assert four_times.for_work(1.0) is four_times  # it is there now


def test_a_late_kernel_has_what_numba_s_have() -> None:
    times = np.array([0, 10, 70])
    assert closed_shutter_ms.plain(times, 50) == closed_shutter_ms(times, 50) == 60
    assert closed_shutter_ms.stats.cache_path
    assert not hasattr(closed_shutter_ms, "no_such_name")
