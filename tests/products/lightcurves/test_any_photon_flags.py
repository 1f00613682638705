"""Flags 8 and 32 are the predecessor's: any photon of the bin, and not the mean."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.table import Table
from tests.archives import SessionArchive

from gphoton_db.archive import Archive
from gphoton_db.kernels.arrays import read_only
from gphoton_db.mission import DETECTOR_PIXEL_DEG
from gphoton_db.products.apertures.aperture import Aperture
from gphoton_db.products.apertures.sums import empty_sums
from gphoton_db.products.apertures.targets import Targets, grid_of
from gphoton_db.products.kernels.aperture_photons import Neighbours, add_photons, find_photons
from gphoton_db.products.lightcurves.bits import LightCurveFlag, LightCurveWarning

ANY = LightCurveFlag.RESPONSE | LightCurveFlag.OFF_AXIS
LOW, FAR = 0.7, 0.5 / DETECTOR_PIXEL_DEG


@pytest.fixture(scope="module")
def archive(two_bands: SessionArchive) -> Iterator[Archive]:
    with Archive(two_bands.archive_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def cr_dra() -> Table:
    """222 bins of CR Dra that the predecessor made; tests skip where they are not to be had."""
    path = Path(__file__).resolve().parents[4] / "shared" / "real" / "cr-dra-fuv-10s.csv"
    if not path.is_file():
        pytest.skip("needs ../shared/real")
    return Table.read(path, format="ascii.csv")


def plain(column: Any) -> Any:
    return np.asarray(getattr(column, "value", column))


def expected_of(archive: Archive, curve: Any, ra: float, dec: float, radius: float) -> Any:
    """Return flags and warnings of each bin, from the photons one by one."""
    events = archive.events(ra, dec, radius)
    flags, warnings = [], []
    for row in curve:
        inside = np.asarray(events["band"] == row["band"]) & (plain(events["weight"]) > 0)
        t = plain(events["t"])
        inside &= (t >= row["t0"].value) & (t < row["t1"].value)
        response = plain(events["response"])[inside].astype(float)
        detrad = plain(events["detrad"])[inside]
        low, far = response < LOW, detrad > FAR
        flags.append(8 * bool(low.any()) + 32 * bool(far.any()))
        some = bool(len(detrad))
        mean_low, mean_far = (some and bool(m) for m in (_below(response), _beyond(detrad)))
        warnings.append(32 * mean_low + 64 * mean_far)
    return np.array(flags), np.array(warnings)


def _below(response: Any) -> bool:
    return bool(len(response)) and float(response.mean()) < LOW


def _beyond(detrad: Any) -> bool:
    return bool(len(detrad)) and float(detrad.mean()) > FAR


@pytest.mark.parametrize("method", ["photon", "image"])
@pytest.mark.parametrize(
    "degrees",
    [0.493, 0.503, *(pytest.param(each, marks=pytest.mark.deep) for each in (0.3, 0.497))],
)
def test_one_photon_sets_the_flag_and_the_mean_warns(
    archive: Archive, degrees: float, method: Any
) -> None:
    leg = archive.legs()[0]
    ra, dec = leg.ra0, leg.dec0 + degrees
    curve = archive.lightcurve(ra, dec, radius=40, step=5, method=method)
    if method == "image":
        # Pixels at the rim take photons from a little further out.
        outer, _ = expected_of(archive, curve, ra, dec, 43)
        inner, _ = expected_of(archive, curve, ra, dec, 37)
        found = plain(curve["flags"]) & int(ANY)
        assert ((found & ~outer) == 0).all()
        assert ((inner & ~found) == 0).all()
        assert "MEAN_OFF_AXIS" in LightCurveWarning.__members__
        return
    flags, warnings = expected_of(archive, curve, ra, dec, 40)
    assert (plain(curve["flags"]) & int(ANY)).tolist() == flags.tolist()
    assert (plain(curve["warnings"]) & (32 | 64)).tolist() == warnings.tolist()
    sql = archive.query("FROM lightcurve(?, ?, radius := 40, step := 5)", [ra, dec]).arrow()
    assert sql["flags"].to_pylist() == plain(curve["flags"]).tolist()
    of_sql = 2 | 4 | 32 | 64
    assert sql["warnings"].to_pylist() == (plain(curve["warnings"]) & of_sql).tolist()


def summed(response: Any, col: Any) -> Any:
    """Return the sums of one bin of photons at a target."""
    n = len(response)
    zero = read_only(np.zeros(n))
    targets = Targets(np.zeros(1), np.zeros(1))
    aperture = Aperture(10.0)
    hits = find_photons(
        *(zero, zero, np.ones(n, bool)),
        (targets.ra, targets.dec, targets.unit_vectors),
        grid_of(targets, 10 / 3600),
        aperture.reach(),
        Neighbours(np.zeros(2, np.int64), np.empty(0), np.empty(0), 0.0),
    )
    sums = empty_sums(1, 1)
    place = read_only(np.asarray(col, np.float32)), read_only(np.full(n, 400, np.float32))
    edges = (np.zeros(1, np.int64), np.full(1, 1000))
    values = (
        read_only(np.asarray(response, np.float32)),
        *(read_only(np.zeros(n, bool)), read_only(np.zeros(n, np.uint8))),
    )
    add_photons(hits, read_only(np.arange(n)), (zero, zero), place, *values, edges, sums)
    return sums


@pytest.mark.parametrize(
    ("response", "col", "bits"),
    [
        ([0.71, 0.9], [400, 400], 0),
        ([0.69, 0.9], [400, 400], 8),
        ([0.9, 0.9], [400, 701], 32),
        ([0.9], [700], 0),
        ([0.1], [760], 2 | 8 | 32),
    ],
)
def test_the_bits_of_a_bin_are_those_of_any_photon(response: Any, col: Any, bits: int) -> None:
    assert summed(response, col).bits[0, 0] == bits


def test_flags_of_real_bins_are_those_of_some_photon_not_of_the_mean(cr_dra: Table) -> None:
    """Each real bin is made of photons with its mean; one more decides the flag, as in reality."""
    published = np.asarray(cr_dra["flags"]).astype(int)
    mean_low = np.asarray(cr_dra["responses"]) < LOW
    mean_far = np.asarray(cr_dra["detrad"]) > FAR
    # Where the mean is beyond the limit some photon is.
    assert (published[mean_low] & 8 != 0).all()
    assert (published[mean_far] & 32 != 0).all()
    by_the_mean = 8 * mean_low + 32 * mean_far
    assert (by_the_mean != published & 40).sum() > 0
    for row, bits in zip(cr_dra, published & 40, strict=True):
        n = max(int(row["counts"]), 4)
        response = np.full(n, row["responses"])
        away = np.full(n, row["detrad"])
        response[0], response[1] = (0.69, 2 * row["responses"] - 0.69) if bits & 8 else (0.71,) * 2
        away[0], away[1] = (301, 2 * row["detrad"] - 301) if bits & 32 else (299, 299)
        if not bits & 8:
            response = np.maximum(response, 0.71)
        if not bits & 32:
            away = np.minimum(away, 299)
        assert summed(response, 400 + away).bits[0, 0] & 40 == bits


def test_longer_bins_have_the_flags_of_any_and_the_warnings_of_the_mean(
    archive: Archive,
) -> None:
    leg = archive.legs()[0]
    place = (leg.ra0, leg.dec0 + 0.497)
    fine = archive.lightcurve(*place, radius=40, step=2)
    coarse = archive.lightcurve(*place, radius=40, step=20)
    made = fine.bin(20)
    assert (plain(made["flags"]) & int(ANY)).tolist() == (plain(coarse["flags"]) & 40).tolist()
    means = int(LightCurveWarning.MEAN_RESPONSE | LightCurveWarning.MEAN_OFF_AXIS)
    assert (plain(made["warnings"]) & means).tolist() == (
        plain(coarse["warnings"]) & means
    ).tolist()


def test_warnings_of_means_have_names_of_their_own(archive: Archive) -> None:
    both = (LightCurveWarning.MEAN_RESPONSE, LightCurveWarning.MEAN_OFF_AXIS)
    assert [int(warning) for warning in both] == [32, 64]
    leg = archive.legs()[0]
    curve = archive.lightcurve(leg.ra0, leg.dec0 + 0.52, radius=30, step=None)
    assert all({"off axis", "mean off axis"} <= set(names) for names in curve.flag_names())
