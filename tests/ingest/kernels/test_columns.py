import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gphoton_db.ingest.kernels.columns import Grids, PhotonColumns, lay_out, sensitivity
from gphoton_db.ingest.kernels.reduction import PHOTON, PhotonRecords
from gphoton_db.ingest.photons import FULL_PRECISION, STORED_PRECISION
from gphoton_db.kernels.arrays import read_only
from gphoton_db.mission import RESPONSE_SCALE, Band

ORIGIN_MS = 874_361_240_995
RNG = np.random.default_rng(5)
FLAT = RNG.uniform(0.3, 1.2, (800, 800)).astype(np.float32)
FLAT[300, 500] = 0
HOTSPOT = RNG.random((800, 800)) < 0.1
SCALE = RESPONSE_SCALE[Band.NUV]


def photon(
    ra: float = 10.0, dec: float = 20.0, col: float = 400.5, row: float = 300.5, ms: int = 0
) -> PhotonRecords:
    one = np.zeros(1, PHOTON)
    one["ra"], one["dec"], one["col"], one["row"], one["offset_ms"] = ra, dec, col, row, ms
    one["cell"], one["flags"], one["q"], one["ya"] = 77, 12, 13, 14
    return one


def columns_of(photons: PhotonRecords, grids: Grids) -> PhotonColumns:
    order = np.arange(len(photons), dtype=np.int32)
    return lay_out(read_only(photons), order, ORIGIN_MS, FLAT, HOTSPOT, SCALE, grids)


def random_photons(n: int) -> PhotonRecords:
    photons = np.zeros(n, PHOTON)
    for name, low, high in (("ra", 0, 360), ("dec", -90, 90), ("col", -20, 820), ("row", -20, 820)):
        photons[name] = RNG.uniform(low, high, n)
    photons["offset_ms"] = np.sort(RNG.integers(0, 1_700_000, n))
    return photons


def exact_response(columns: PhotonColumns) -> NDArray[np.float64]:
    """Return flat times sensitivity at whole pixels; 0 beyond the flat."""
    inside = columns.known
    pixel = tuple(np.where(inside, v, 0).astype(int) for v in (columns.col, columns.row))
    t = columns.t_ms / 1000
    scale = SCALE.k0 + SCALE.k1 * t + SCALE.k2 * t * t
    return np.asarray(np.where(inside, FLAT[pixel] * scale, 0))


def test_full_precision_changes_nothing() -> None:
    photons = random_photons(5_000)
    columns = columns_of(photons, FULL_PRECISION)
    for name in ("ra", "dec", "col", "row", "q", "ya", "flags", "cell"):
        assert np.array_equal(getattr(columns, name), photons[name])
    assert np.array_equal(columns.t_ms, ORIGIN_MS + photons["offset_ms"].astype(np.int64))
    np.testing.assert_allclose(columns.response, exact_response(columns), rtol=1e-7)


def test_stored_values_are_within_the_documented_bounds() -> None:
    photons = random_photons(20_000)
    stored, exact = (columns_of(photons, grids) for grids in (STORED_PRECISION, FULL_PRECISION))
    for name in ("ra", "dec"):
        error = abs(getattr(stored, name) - getattr(exact, name))
        # 2^-21 deg are 1.7 mas; the widest ones show that nothing is rounded twice.
        assert 0.99 * 2.0**-21 < np.minimum(error, 360 - error).max() <= 2.0**-21
    for name in ("col", "row"):
        kept, full = getattr(stored, name), getattr(exact, name)
        assert np.array_equal(kept, np.floor(full * np.float32(256)) / 256)
        assert np.array_equal(np.floor(kept), np.floor(full))
    good = exact.response > 0
    ratio = stored.response[good].astype(float) / exact.response[good]
    assert 0.9 / 4096 < abs(ratio - 1).max() <= 1 / 4096
    assert np.array_equal(stored.known, exact.known)
    assert np.array_equal(stored.mask, exact.mask)


@given(st.floats(0, 360, exclude_max=True), st.floats(-90, 90))
@example(np.nextafter(360.0, 0), 90.0)
@example(0.0, -90.0)
def test_stored_positions_stay_on_the_sky(ra: float, dec: float) -> None:
    stored = columns_of(photon(ra=ra, dec=dec), STORED_PRECISION)
    assert 0 <= stored.ra[0] < 360
    assert -90 <= stored.dec[0] <= 90
    assert abs((stored.ra[0] - ra + 180) % 360 - 180) <= 2.0**-21 * (1 + 1e-6)


@pytest.mark.parametrize("grids", [FULL_PRECISION, STORED_PRECISION])
def test_photons_without_a_position_have_none(grids: Grids) -> None:
    stored = columns_of(photon(ra=np.nan, dec=np.nan), grids)
    assert np.isnan([stored.ra[0], stored.dec[0]]).all()


@pytest.mark.parametrize("grids", [FULL_PRECISION, STORED_PRECISION])
def test_a_dead_pixel_has_no_response_and_is_known(grids: Grids) -> None:
    stored = columns_of(photon(col=300.9, row=500.1), grids)
    assert stored.response[0] == 0
    assert stored.known[0]


@pytest.mark.parametrize(
    ("col", "row", "known"),
    [(0.0, 5.0, False), (0.01, 5.0, True), (5.0, 799.99, True), (5.0, 800.0, False)],
)
def test_response_is_known_on_the_flat_only(col: float, row: float, known: bool) -> None:
    assert columns_of(photon(col=col, row=row), FULL_PRECISION).known[0] == known


def test_columns_are_in_the_given_order() -> None:
    photons = random_photons(50)
    order = RNG.permutation(50)[:30].astype(np.int32)
    columns = lay_out(read_only(photons), order, ORIGIN_MS, FLAT, HOTSPOT, SCALE, FULL_PRECISION)
    assert np.array_equal(columns.dec, photons["dec"][order])
    assert len(columns.t_ms) == 30


def test_sensitivity_steps_up_once() -> None:
    before, after = (sensitivity(SCALE.step_time + dt, SCALE) for dt in (-0.001, 0.0))
    assert after / before == pytest.approx(1.018, rel=1e-9)
