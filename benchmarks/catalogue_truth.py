"""A catalogue against the truth: a simulated visit of 2,000 stars and 20 galaxies in both bands.

Completeness and reliability against magnitude, pulls of colours, positions and model fluxes, and
the width of the model.  The figures are in docs/correctness.md.  ``python
benchmarks/catalogue_truth.py --folder FOLDER``: what is there already is used again.
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from gphoton_db.archive import Archive
from gphoton_db.mission import Band
from gphoton_db.products.apertures.targets import unit_vectors
from gphoton_db.simulate.plan import LegPlan
from gphoton_db.simulate.projection import plane_to_sky
from gphoton_db.simulate.scene import BandMagnitudes, BandRates, Galaxy, Scene
from gphoton_db.simulate.star_field import MagnitudeRanges, StarField, draw_stars
from gphoton_db.simulate.synthetic_calibration import write_synthetic_calibration
from gphoton_db.simulate.visit import simulate_visit

ECLIPSE, RA, DEC = 23500, 323.5, -2.0
MATCH_ARCSEC = 3.0
ISOLATED_ARCSEC = 30.0
COMPLETE_MAG = 22.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pull:
    """Deviations from the truth in units of their errors."""

    n: int
    mean: float
    deviation: float

    @classmethod
    def of(cls, values: Floats) -> "Pull":
        """Return mean and standard deviation of those that are known."""
        known = values[np.isfinite(values)]
        return cls(len(known), float(known.mean()), float(known.std()))


def scene(n_stars: int, n_galaxies: int) -> Scene:
    """Return stars and galaxies at random places within 0.5 deg of the boresight."""
    field = StarField(n_stars, MagnitudeRanges((15.0, 24.0), (15.5, 24.5)), radius=0.5)
    rng = np.random.default_rng(7)
    radius, angle = 1700 * np.sqrt(rng.random(n_galaxies)), 2 * np.pi * rng.random(n_galaxies)
    ra, dec = plane_to_sky(radius * np.cos(angle), radius * np.sin(angle), RA, DEC, 0.0)
    galaxies = tuple(
        Galaxy(float(a), float(d), 6.0 + 6.0 * k / n_galaxies, magnitude=BandMagnitudes(18.0, 18.5))
        for k, (a, d) in enumerate(zip(ra, dec, strict=True))
    )
    return Scene(draw_stars(field, RA, DEC), galaxies, background=BandRates(nuv=8000.0, fuv=1200.0))


def make_archive(folder: Path, sky: Scene, seconds: int) -> Path:
    """Simulate and ingest both bands, unless that is done already."""
    root = folder / "archive"
    if root.is_dir():
        return root
    calibration = write_synthetic_calibration(folder / "calibration")
    with Archive(root) as archive:
        for band in Band:
            visit = simulate_visit(
                folder / band,
                calibration=calibration,
                band=band,
                eclipse=ECLIPSE,
                legs=(LegPlan(RA, DEC, duration=seconds),),
                scene=sky,
                event_truth=False,
            )
            inputs = {"raw6": visit.raw6, "pointing": visit.pointing, "calibration": calibration}
            archive.ingest(ECLIPSE, band, **inputs)
    return root


@dataclass(frozen=True, eq=False)
class Matched:
    """Entries with their stars: ``star`` (n,) int64, -1: none; or in which galaxies they are."""

    entries: dict[str, Floats]
    bands: NDArray[np.str_]
    star: NDArray[np.int64]
    in_galaxy: NDArray[np.bool_]
    isolated: NDArray[np.bool_]
    rates: dict[str, Floats]
    place: Floats


def match(entries: Any, sky: Scene) -> Matched:
    """Match entries with what shines."""
    shining = [*sky.sources, *sky.galaxies]
    places = np.array([(each.ra, each.dec) for each in shining])
    vectors = unit_vectors(*places.T)
    columns = {
        name: np.asarray(entries[name].to_numpy(zero_copy_only=False), np.float64)
        for name, kind in zip(entries.schema.names, entries.schema.types, strict=True)
        if str(kind) in ("double", "int32", "bool", "uint8")
    }
    reach = 2 * np.sin(np.radians(MATCH_ARCSEC / 3600) / 2)
    distance, star = cKDTree(vectors).query(unit_vectors(columns["ra"], columns["dec"]))
    star = np.where(distance <= reach, star, -1)
    in_galaxy = np.zeros(len(star), bool)
    for galaxy in sky.galaxies:
        middle = unit_vectors(np.array([galaxy.ra]), np.array([galaxy.dec]))
        apart = np.linalg.norm(unit_vectors(columns["ra"], columns["dec"]) - middle, axis=1)
        in_galaxy |= np.degrees(apart) * 3600 < 3 * galaxy.half_light_radius
    nearest = cKDTree(vectors).query(vectors, k=2)[0][:, 1]
    isolated = nearest > 2 * np.sin(np.radians(ISOLATED_ARCSEC / 3600) / 2)
    rates = {
        b: np.array([each.rate_in(Band(b.upper())) for each in shining]) for b in ("nuv", "fuv")
    }
    bands = np.asarray(entries["bands"].to_pylist())
    return Matched(columns, bands, star, in_galaxy, isolated, rates, places)


def completeness(of: Matched, band: str, detected: NDArray[np.bool_], n_stars: int) -> None:
    """Print the part of stars found, and of entries that are stars, magnitude by magnitude."""
    zero = {"nuv": 20.08, "fuv": 18.82}[band]
    truth = zero - 2.5 * np.log10(of.rates[band][:n_stars])
    found = np.isin(np.arange(n_stars), of.star[detected])
    model = of.entries[f"{band}_model_mag"]
    detected = detected & ~of.in_galaxy
    for low in np.arange(16.0, 24.0, 1.0):
        stars = (truth >= low) & (truth < low + 1)
        entries = detected & (model >= low) & (model < low + 1)
        real = (of.star[entries] >= 0).mean() if entries.any() else np.nan
        print(
            f"  {low:4.0f}-{low + 1:2.0f}  {stars.sum():5d} stars  {found[stars].mean():6.3f} found"
            f"  {entries.sum():5d} entries  {real:6.3f} real"
        )


def pulls(of: Matched, n_stars: int) -> dict[str, Pull]:
    """Return the pulls of isolated stars that are bright enough in both bands to be always found.

    They are chosen by the truth: of fainter ones those are found that scattered up.
    """
    star, each = of.star, of.entries
    chosen = (star >= 0) & (star < n_stars)
    chosen &= of.isolated[np.maximum(star, 0)] & ~(each["nuv_wide_edge"] > 0)
    for band, zero in (("nuv", 20.08), ("fuv", 18.82)):
        chosen &= of.rates[band][star] > 10 ** (-0.4 * (COMPLETE_MAG - zero))
    star, found = star[chosen], {}
    magnitudes, variances = [], []
    for band in ("nuv", "fuv"):
        truth = of.rates[band][star]
        for name, error in (("model_cps", "model_cps_err"), ("cps_bgsub", "cps_bgsub_err")):
            found[f"{band} {name}"] = Pull.of(
                (each[f"{band}_{name}"][chosen] - truth) / each[f"{band}_{error}"][chosen]
            )
        rate = each[f"{band}_model_cps"][chosen]
        magnitudes.append(-2.5 * np.log10(rate / truth))
        variances.append((2.5 / np.log(10) * each[f"{band}_model_cps_err"][chosen] / rate) ** 2)
        sigma, width = each[f"{band}_sigma"][chosen], each[f"{band}_sigma_err"][chosen]
        expected = Scene().psf_sigma(Band(band.upper()))
        found[f"{band} sigma"] = Pull.of((sigma - expected) / width)
        weight = np.where(np.isfinite(width), 1 / width**2, 0.0)
        mean = (np.nan_to_num(sigma) * weight).sum() / weight.sum()
        print(
            f"  {band} sigma {mean:.4f} arcsec, {100 * (mean / expected - 1):+.2f} % of the PSF's"
        )
    found["colour"] = Pull.of((magnitudes[1] - magnitudes[0]) / np.sqrt(sum(variances)))
    ra, dec = of.place[star].T
    east = (each["ra"][chosen] - ra) * np.cos(np.radians(dec)) * 3600
    found["ra"] = Pull.of(east / each["ra_err"][chosen])
    found["dec"] = Pull.of((each["dec"][chosen] - dec) * 3600 / each["dec_err"][chosen])
    found["ra, bright"] = Pull.of((east / each["ra_err"][chosen])[magnitudes_of(of, star) < 19])
    print(f"  median offset east {np.median(east):+.4f} arcsec")
    return found


def magnitudes_of(of: Matched, star: NDArray[np.int64]) -> Floats:
    """Return the true NUV magnitudes of stars."""
    return np.asarray(20.08 - 2.5 * np.log10(of.rates["nuv"][star]))


def main() -> None:
    """Make the visit and its catalogue, and print what it is worth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where to make the visit, or where it is")
    parser.add_argument("--stars", type=int, default=2000)
    parser.add_argument("--galaxies", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=600)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sky = scene(chosen.stars, chosen.galaxies)
        root = make_archive(chosen.folder or Path(folder), sky, chosen.seconds)
        with Archive(root) as archive:
            of = match(archive.catalogue(ECLIPSE), sky)
        for band in ("nuv", "fuv"):
            print(f"{band}, detected in it")
            completeness(of, band, np.char.find(of.bands, band.upper()) >= 0, chosen.stars)
        print("merged, by NUV magnitude")
        completeness(of, "nuv", np.ones(len(of.star), bool), chosen.stars)
        for name, pull in pulls(of, chosen.stars).items():
            print(
                f"  {name:14s} n {pull.n:4d}  mean {pull.mean:+.3f}  deviation {pull.deviation:.3f}"
            )


if __name__ == "__main__":
    main()
