"""What is a catalogue worth?  Against the truth of a simulated visit that both bands saw.

    python benchmarks/catalogue_truth.py [--stars 2000] [--galaxies 20] [--seconds 600]

Completeness and reliability against magnitude, per band and merged; pulls (deviations from the
truth by their errors) of rates, colours, widths and positions; and the width of the model by that
of the point spread.  With ``--folder FOLDER`` a visit that is there already is used again.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.spatial import cKDTree

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gphoton_db.archive import Archive  # noqa: E402
from gphoton_db.mission import MAGNITUDE_ZERO_POINT, Band  # noqa: E402
from gphoton_db.products.apertures.targets import unit_vectors  # noqa: E402
from gphoton_db.simulate.plan import LegPlan  # noqa: E402
from gphoton_db.simulate.projection import plane_to_sky  # noqa: E402
from gphoton_db.simulate.scene import (  # noqa: E402
    BandMagnitudes,
    BandRates,
    Galaxy,
    Scene,
    Source,
)
from gphoton_db.simulate.star_field import MagnitudeRanges, StarField, draw_stars  # noqa: E402
from gphoton_db.simulate.synthetic_calibration import write_synthetic_calibration  # noqa: E402
from gphoton_db.simulate.visit import simulate_visit  # noqa: E402

ECLIPSE, RA, DEC = 23500, 323.5, -2.0
BACKGROUND = BandRates(nuv=8000.0, fuv=1200.0)
MATCH_ARCSEC = 3.0
ISOLATED_ARCSEC = 30.0
COMPLETE_MAG = 22.0
"""Stars brighter than this are found always, so that none is chosen for having scattered up."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


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


@dataclass(frozen=True, eq=False)
class Matched:
    """Entries with the stars that they are.

    Parameters
    ----------
    entries : dict of (n,) float64
        Columns that are numbers.
    bands : (n,) str
        Where each was detected.
    star : (n,) int64
        Number of the star or, behind these, galaxy; -1: none.
    in_galaxy : (n,) bool
        Within three half-light radii of one.
    isolated : (s,) bool
        Whether a star has nothing else near it.
    magnitudes : dict of (s,) float64
        The truth, by band.
    place : (s, 2) float64
        Deg.
    n_stars : int
        Stars; the others are galaxies.
    """

    entries: dict[str, Floats]
    bands: NDArray[np.str_]
    star: NDArray[np.int64]
    in_galaxy: Bools
    isolated: Bools
    magnitudes: dict[Band, Floats]
    place: Floats
    n_stars: int


def scene(n_stars: int, n_galaxies: int, *, background: BandRates = BACKGROUND) -> Scene:
    """Return stars and galaxies at random places within 0.5 deg of the boresight."""
    field = StarField(n_stars, MagnitudeRanges((15.0, 24.0), (15.5, 24.5)), radius=0.5)
    rng = np.random.default_rng(7)
    radius, angle = 1700 * np.sqrt(rng.random(n_galaxies)), 2 * np.pi * rng.random(n_galaxies)
    ra, dec = plane_to_sky(radius * np.cos(angle), radius * np.sin(angle), RA, DEC, 0.0)
    galaxies = tuple(
        Galaxy(float(a), float(d), 6.0 + 6.0 * k / n_galaxies, magnitude=BandMagnitudes(18.0, 18.5))
        for k, (a, d) in enumerate(zip(ra, dec, strict=True))
    )
    return Scene(draw_stars(field, RA, DEC), galaxies, background=background)


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
            archive.ingest(
                ECLIPSE, band, raw6=visit.raw6, pointing=visit.pointing, calibration=calibration
            )
    return root


def match(entries: pa.Table, sky: Scene) -> Matched:
    """Match entries with what shines."""
    shining: list[Source | Galaxy] = [*sky.sources, *sky.galaxies]
    places = np.array([(each.ra, each.dec) for each in shining])
    vectors = unit_vectors(*places.T)
    columns = {
        field.name: np.asarray(entries[field.name].to_numpy(), np.float64)
        for field in entries.schema
        if str(field.type) in ("double", "int32", "bool", "uint8")
    }
    found = unit_vectors(columns["ra"], columns["dec"])
    distance, star = cKDTree(vectors).query(found)
    nearest = cKDTree(vectors).query(vectors, k=2)[0][:, 1]
    in_galaxy = np.zeros(len(star), bool)
    for galaxy in sky.galaxies:
        middle = unit_vectors(np.array([galaxy.ra]), np.array([galaxy.dec]))
        apart = np.degrees(np.linalg.norm(found - middle, axis=1)) * 3600
        in_galaxy |= apart < 3 * galaxy.half_light_radius
    return Matched(
        columns,
        np.asarray(entries["bands"].to_pylist()),
        np.where(distance <= _chord(MATCH_ARCSEC), star, -1),
        in_galaxy,
        nearest > _chord(ISOLATED_ARCSEC),
        {band: _magnitudes(band, [each.rate_in(band) for each in shining]) for band in Band},
        places,
        len(sky.sources),
    )


def completeness(of: Matched, band: Band, detected: Bools) -> None:
    """Print the part of stars found, and of entries that are stars, magnitude by magnitude."""
    truth = of.magnitudes[band][: of.n_stars]
    found = np.isin(np.arange(of.n_stars), of.star[detected])
    counted = detected & ~of.in_galaxy & ~(of.entries[f"{band.lower()}_hotspot"] > 0)
    model = of.entries[f"{band.lower()}_model_mag"]
    for low in np.arange(16.0, 24.0):
        stars = (truth >= low) & (truth < low + 1)
        entries = counted & (model >= low) & (model < low + 1)
        real = (of.star[entries] >= 0).mean() if entries.any() else np.nan
        print(
            f"  {low:.0f}-{low + 1:.0f}  {stars.sum():5d} stars  {found[stars].mean():6.3f} found"
            f"  {entries.sum():5d} entries  {real:6.3f} real"
        )


def chosen_stars(of: Matched, faintest: float = COMPLETE_MAG) -> NDArray[np.int64]:
    """Return the entries of isolated stars brighter than a magnitude in truth, in both bands."""
    at = np.maximum(of.star, 0)
    chosen = (of.star >= 0) & (at < of.n_stars) & of.isolated[at]
    for band in Band:
        name = band.lower()
        chosen &= of.magnitudes[band][at] < faintest
        chosen &= ~(of.entries[f"{name}_wide_edge"] > 0) & ~(of.entries[f"{name}_hotspot"] > 0)
    return np.flatnonzero(chosen)


def pulls(of: Matched, chosen: NDArray[np.int64]) -> dict[str, Pull]:
    """Return the pulls of some entries."""
    each = {name: values[chosen] for name, values in of.entries.items()}
    star, found = of.star[chosen], {}
    colour, variance = np.zeros(len(star)), np.zeros(len(star))
    for band, sign in ((Band.FUV, 1.0), (Band.NUV, -1.0)):
        name = band.lower()
        truth = 10 ** (-0.4 * (of.magnitudes[band][star] - MAGNITUDE_ZERO_POINT[band]))
        for what in ("model_cps", "cps_bgsub"):
            off = each[f"{name}_{what}"] - truth
            found[f"{name} {what}"] = Pull.of(off / each[f"{name}_{what}_err"])
        rate, error = each[f"{name}_model_cps"], each[f"{name}_model_cps_err"]
        colour -= sign * 2.5 * np.log10(rate / truth)
        variance += (2.5 / np.log(10) * error / rate) ** 2
        width = each[f"{name}_sigma"] - Scene().psf_sigma(band)
        found[f"{name} sigma"] = Pull.of(width / each[f"{name}_sigma_err"])
    found["colour"] = Pull.of(colour / np.sqrt(variance))
    ra, dec = of.place[star].T
    east = (each["ra"] - ra) * np.cos(np.radians(dec)) * 3600
    found["ra"] = Pull.of(east / each["ra_err"])
    found["dec"] = Pull.of((each["dec"] - dec) * 3600 / each["dec_err"])
    return found


def width_ratio(of: Matched, band: Band, chosen: NDArray[np.int64]) -> float:
    """Return the mean width of some entries, weighted by errors, by that of the point spread."""
    sigma, error = (of.entries[f"{band.lower()}_sigma{end}"][chosen] for end in ("", "_err"))
    weight = np.where(np.isfinite(error), 1 / error**2, 0.0)
    return float((np.nan_to_num(sigma) * weight).sum() / weight.sum() / Scene().psf_sigma(band))


def _magnitudes(band: Band, rates: list[float]) -> Floats:
    return np.asarray(MAGNITUDE_ZERO_POINT[band] - 2.5 * np.log10(rates))


def _chord(arcsec: float) -> float:
    return float(2 * np.sin(np.radians(arcsec / 3600) / 2))


def main() -> None:
    """Make the visit and its catalogue, and print what it is worth."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="where to make the visit, or where it is")
    parser.add_argument("--stars", type=int, default=2000)
    parser.add_argument("--galaxies", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=600)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sky = scene(options.stars, options.galaxies)
        root = make_archive(options.folder or Path(folder), sky, options.seconds)
        with Archive(root) as archive:
            of = match(archive.catalogue(ECLIPSE), sky)
    for band in Band:
        print(f"{band}, detected in it")
        completeness(of, band, np.char.find(of.bands, band.value) >= 0)
    print("merged, by NUV magnitude")
    completeness(of, Band.NUV, np.ones(len(of.star), bool))
    chosen = chosen_stars(of)
    for band in Band:
        print(f"{band} width by that of the point spread: {width_ratio(of, band, chosen):.4f}")
    for name, pull in pulls(of, chosen).items():
        print(f"  {name:14s} n {pull.n:4d}  mean {pull.mean:+.3f}  deviation {pull.deviation:.3f}")


if __name__ == "__main__":
    main()
