"""Scalar macros against published numbers, hand-worked cases and other libraries."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gphoton_db.query.sql_files import read_sql, sql_names
from tests.sql.reference import separation

DIRECTION = st.tuples(st.floats(0, 360), st.floats(-90, 90))


@pytest.fixture(scope="module")
def macros() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database without an archive: these macros need none."""
    names = ("checked_band", "magnitudes", "interpolated", "zero_point", "unit_flux")
    others = (
        "separation",
        "haversine",
        "galex_to_utc",
        "utc_to_galex",
        "galex_to_mjd",
        "cps_to_mag",
        "mag_to_cps",
        "cps_to_flux",
        "aperture_correction",
        "live_fraction",
        "photon_flag_name",
        "positive_ra",
    )
    with duckdb.connect() as connection:
        for name in names + others:
            assert name in sql_names("macros")
            connection.execute(read_sql(f"macros/{name}.sql"))
        yield connection


def value(macros: duckdb.DuckDBPyConnection, expression: str, *parameters: Any) -> Any:
    rows = macros.execute(f"SELECT {expression}", list(parameters)).fetchall()
    return rows[0][0]


@settings(deadline=None)
@given(a=DIRECTION, b=DIRECTION)
@example(a=(0.0, 90.0), b=(180.0, 90.0))
@example(a=(359.9999999, 10.0), b=(0.0000001, 10.0))
@example(a=(10.0, 20.0), b=(190.0, -20.0))
@example(a=(10.0, 20.0), b=(190.0, -20.0000001))
@example(a=(10.0, 20.0), b=(10.0, 20.0000000001))
def test_separation_is_accurate_at_all_scales(
    macros: duckdb.DuckDBPyConnection, a: tuple[float, float], b: tuple[float, float]
) -> None:
    found = value(macros, "separation(?, ?, ?, ?)", *a, *b)
    assert found == pytest.approx(float(separation(*a, *b)), rel=1e-9, abs=1e-9)


@settings(deadline=None)
@given(a=DIRECTION, angle=st.floats(1e-7, 10), north=st.booleans())
def test_haversine_compares_as_the_angle_does(
    macros: duckdb.DuckDBPyConnection, a: tuple[float, float], angle: float, north: bool
) -> None:
    b = (a[0], a[1] + angle if north and a[1] + angle <= 90 else a[1] - angle)
    if b[1] < -90:
        return
    found = value(macros, "haversine(?, ?, ?, ?)", *a, *b)
    right = np.sin(np.radians(float(separation(*a, *b)) / 3600) / 2) ** 2
    assert found == pytest.approx(right, rel=1e-7, abs=1e-24)


def test_times_are_those_of_the_specification(macros: duckdb.DuckDBPyConnection) -> None:
    utc = datetime(2004, 1, 21, 16, 34, 7, 995000)
    assert value(macros, "galex_to_utc(758738047.995)") == utc
    assert value(macros, "utc_to_galex(?)", utc) == 758738047.995
    assert value(macros, "galex_to_mjd(0)") == 44244
    assert value(macros, "galex_to_mjd(758738047.995)") == pytest.approx(53025.690370, abs=1e-6)


@settings(deadline=None)
@given(ms=st.integers(700_000_000_000, 1_100_000_000_000))
def test_times_survive_the_way_there_and_back(macros: duckdb.DuckDBPyConnection, ms: int) -> None:
    assert value(macros, "round(utc_to_galex(galex_to_utc(? / 1000)) * 1000)::BIGINT", ms) == ms


@pytest.mark.parametrize(("band", "zero_point"), [("NUV", 20.08), ("FUV", 18.82)])
def test_magnitudes_have_the_zero_points_of_the_bands(
    band: str, zero_point: float, macros: duckdb.DuckDBPyConnection
) -> None:
    assert value(macros, "cps_to_mag(1, ?)", band) == zero_point
    assert value(macros, "cps_to_mag(100, ?)", band) == pytest.approx(zero_point - 5)
    assert value(macros, "mag_to_cps(cps_to_mag(12.5, $1), $1)", band) == pytest.approx(12.5)
    for cps in (0, -1, None):
        assert value(macros, "cps_to_mag(?, ?)", cps, band) is None


def test_fluxes_are_those_of_the_mission(macros: duckdb.DuckDBPyConnection) -> None:
    assert value(macros, "cps_to_flux(100, 'NUV')") == pytest.approx(2.06e-14)
    assert value(macros, "cps_to_flux(100, 'FUV')") == pytest.approx(1.4e-13)


@pytest.mark.parametrize(
    ("band", "values"),
    [
        ("FUV", (1.65, 0.96, 0.36, 0.15, 0.10, 0.09, 0.07, 0.06, 0.03, 0.01)),
        ("NUV", (2.09, 1.33, 0.59, 0.23, 0.13, 0.09, 0.07, 0.04, 0.00, -0.01)),
    ],
)
def test_aperture_corrections_are_the_published_ones(
    band: str, values: tuple[float, ...], macros: duckdb.DuckDBPyConnection
) -> None:
    radii = (1.5, 2.3, 3.8, 6.0, 9.0, 12.8, 17.3, 30, 60, 90)
    for radius, correction in zip(radii, values, strict=True):
        found = value(macros, "aperture_correction(?, ?)", radius, band)
        assert found == pytest.approx(correction)
    for radius in (1.6, 5.0, 12.9, 45, 89.9):
        found = value(macros, "aperture_correction(?, ?)", radius, band)
        assert found == pytest.approx(np.interp(radius, radii, values))
    for radius in (1.49, 90.1):
        assert value(macros, "aperture_correction(?, ?)", radius, band) is None


def test_columns_of_a_published_light_curve_follow_from_each_other(
    macros: duckdb.DuckDBPyConnection,
) -> None:
    # LDS749B (docs/specification.md, spec-magnitudes): AB 14.76 in NUV is 134.3 counts a second.
    assert value(macros, "mag_to_cps(14.76, 'NUV')") == pytest.approx(134.28, abs=0.01)
    assert value(macros, "mag_to_cps(15.60, 'FUV')") == pytest.approx(19.41, abs=0.01)


def test_the_live_fraction_is_that_of_the_models(macros: duckdb.DuckDBPyConnection) -> None:
    assert value(macros, "live_fraction(0, 'NUV')") == 1
    right = (77.217817988 - 0.000434730599193 * 10000) / 77.217817988
    assert value(macros, "live_fraction(10000, 'NUV')") == pytest.approx(right)


def test_an_unknown_band_is_an_error(macros: duckdb.DuckDBPyConnection) -> None:
    for call in ("cps_to_mag(1, 'XUV')", "cps_to_flux(1, '')", "aperture_correction(6, 'N')"):
        with pytest.raises(duckdb.InvalidInputException, match="give 'NUV' or 'FUV'"):
            value(macros, call)


def test_flags_of_photons_have_names(macros: duckdb.DuckDBPyConnection) -> None:
    assert value(macros, "photon_flag_name(0)") == "good"
    assert value(macros, "photon_flag_name(120)") == "ghost"
    assert value(macros, "photon_flag_name(3)") == "unknown"
