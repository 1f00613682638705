"""Lengths of time, angles and times as quantities, Times and scalars of numpy: all the same."""

from collections.abc import Callable
from typing import Any

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import Angle
from astropy.time import Time

from gphoton_db.archive import Archive
from gphoton_db.errors import GPhotonError, ProductError
from gphoton_db.products.apertures.aperture import Aperture
from gphoton_db.products.bins import step_in_ms
from gphoton_db.products.found_visits import box_of, moment_of
from gphoton_db.products.images.options import ImageOptions
from gphoton_db.products.maps.options import MapOptions
from gphoton_db.products.movies.options import MovieOptions
from gphoton_db.products.run_options import RunOptions
from gphoton_db.products.search_options import SearchOptions
from gphoton_db.products.sky_places import extent_of, ranges_of
from gphoton_db.products.sources.make_photometry import usable_radii
from gphoton_db.products.sources.photometry_options import PhotometryOptions

T0, T1 = 874336040.0, 874336100.0
START, STOP = (Time(T0 + 315964800, format="unix"), Time(T1 + 315964800, format="unix"))

SAME: dict[str, tuple[Callable[[Any], Any], Any, list[Any]]] = {
    "step": (step_in_ms, 30.0, [30 * u.s, 0.5 * u.min, np.float32(30), np.array(30)]),
    "depth of a movie": (
        lambda depth: MovieOptions(depth), 120.0, [120 * u.s, 2 * u.min, np.int64(120)]
    ),
    "start": (lambda start: MovieOptions(10.0, start=start), T0, [T0 * u.s, START]),
    "pixel of a movie": (lambda pixel: MovieOptions(10.0, pixel=pixel), 3.0, [0.05 * u.arcmin]),
    "pixel": (lambda pixel: ImageOptions(pixel), 3.0, [3 * u.arcsec, 0.05 * u.arcmin]),
    "edges": (
        lambda edges: ImageOptions(edges=edges),
        (300.0, 360.0),
        [[300, 360] * u.pix, (0.5 * u.deg, 36 * u.arcmin), [300, 360]],
    ),
    "pixel of a map": (lambda pixel: MapOptions(pixel=pixel), 3.0, [Angle("0d0m3s")]),
    "edge": (lambda edge: MapOptions(edge=edge), 360.0, [36 * u.arcmin, 360 * u.pix]),
    "depth of a map": (lambda depth: MapOptions(depth=depth), 60.0, [1 * u.min]),
    "depth of photometry": (lambda depth: PhotometryOptions(depth=depth), 60.0, [1 * u.min]),
    "pixel of photometry": (lambda pixel: PhotometryOptions(pixel=pixel), 3.0, [0.05 * u.arcmin]),
    "radii": (
        usable_radii, [6.0, 12.0], [[6, 12] * u.arcsec, [0.1 * u.arcmin, 12]]
    ),
    "one radius": (usable_radii, 6.0, [6 * u.arcsec, 0.1 * u.arcmin]),
    "annulus": (lambda ring: Aperture.of(5.0, ring), (6.0, 12.0), [[6, 12] * u.arcsec]),
    "a run's depth": (lambda depth: RunOptions(depth=depth), 60.0, [1 * u.min]),
    "a run's radii": (lambda radii: RunOptions(radii=radii), (6.0,), [[0.1] * u.arcmin]),
    "a run's exposure": (lambda s: RunOptions(min_exposure=s), 60.0, [1 * u.min]),
    "exposure": (lambda s: SearchOptions(min_exposure=s), 60.0, [1 * u.min]),
    "box": (box_of, (1.0, 2.0, 3.0, 4.0), [[1, 2, 3, 4] * u.deg, (60 * u.arcmin, 2, 3, 4)]),
    "since": (moment_of, "2007-09-20T15:07:20", [Time("2007-09-20T15:07:20")]),
    "size": (extent_of, 0.1, [6 * u.arcmin, [0.1, 0.1] * u.deg]),
    "one range": (
        ranges_of,
        [(T0, T1)],
        [
            (T0, T1),
            [T0, T1],
            np.array([T0, T1]),
            [T0, T1] * u.s,
            (START, STOP),
            Time([START, STOP]),
            [(START, T1)],
            np.array([[T0, T1]]),
            [(T0 * u.s, T1 * u.s)],
        ],
    ),
}  # fmt: skip
"""What takes a value, the value as a plain one, and other ways to say it."""

WRONG: list[Callable[[], Any]] = [
    lambda: step_in_ms(30 * u.arcsec),
    lambda: step_in_ms("often"),
    lambda: step_in_ms(np.array([1.0, 2.0])),
    lambda: MovieOptions(10 * u.arcsec),
    lambda: MovieOptions(10.0, start=1 * u.arcsec),
    lambda: ImageOptions(1 * u.s),
    lambda: ImageOptions(edges=(300, 360) * u.s),
    lambda: ImageOptions(edges=(1, 2, 3)),
    lambda: MapOptions(edge=1 * u.s),
    lambda: PhotometryOptions(depth=1 * u.m),
    lambda: usable_radii(1 * u.s),
    lambda: usable_radii("wide"),
    lambda: RunOptions(depth=1 * u.m),
    lambda: SearchOptions(min_exposure=1 * u.m),
    lambda: box_of([1, 2, 3, 4] * u.s),
    lambda: ranges_of(T0),  # type: ignore[arg-type]
    lambda: ranges_of((T0, T1, T1)),
    lambda: ranges_of([(T0, T1, T1)]),
    lambda: ranges_of(("early", "late")),
    lambda: ranges_of([1, 2] * u.m),
    lambda: ranges_of((T1, T0)),
]


def test_values_are_taken_however_they_are_said() -> None:
    wrong = {}
    for name, (taken, plain, others) in SAME.items():
        for other in others:
            try:
                if taken(other) != taken(plain):
                    wrong[name, repr(other)] = taken(other)
            except Exception as error:  # noqa: BLE001 -- each is listed
                wrong[name, repr(other)] = error
    assert wrong == {}


def test_whole_numbers_of_pixels_compile_no_kernel_anew() -> None:
    """Kernels are compiled ahead for the types that the options give them."""
    given = (*ImageOptions(edges=(300, 360)).edges, MapOptions(edge=360).edge)
    assert {type(each) for each in given} == {float}


def test_what_is_no_such_value_is_an_error_of_ours() -> None:
    raw = {}
    for number, call in enumerate(WRONG):
        try:
            raw[number] = call()
        except GPhotonError:
            continue
        except Exception as error:  # noqa: BLE001 -- each is listed
            raw[number] = error
    assert raw == {}


def test_products_take_quantities(full: Archive) -> None:
    plain = full.lightcurve(323.5, -2.0, radius=30, annulus=(60, 90), step=10.0)
    t0, t1 = (float(plain[name].value[k]) for name, k in (("t0", 0), ("t1", -1)))
    said = full.lightcurve(
        323.5 * u.deg, -120 * u.arcmin, radius=0.5 * u.arcmin, annulus=[1, 1.5] * u.arcmin,
        step=10 * u.s, time_ranges=(t0, t1),
    )  # fmt: skip
    assert np.asarray(said["counts"]).tolist() == np.asarray(plain["counts"]).tolist()
    frames = full.exposure(23500, "NUV", 0, depth=10)
    assert full.exposure(23500, "NUV", 0, depth=10 * u.s).to_pandas().equals(frames.to_pandas())
    assert full.exposure(23500, "NUV", 0, depth=10 * u.s).meta["DEPTH"] == 10.0
    with pytest.raises(ProductError, match="depth"):
        full.exposure(23500, "NUV", 0, depth=10 * u.arcsec)
