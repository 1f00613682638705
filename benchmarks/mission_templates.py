"""A handful of real, small, reduced legs, and how each is put elsewhere in the sky and in time."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import shapely  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from gphoton_db.archive import Archive  # noqa: E402
from gphoton_db.catalogue.catalogue import Catalogue  # noqa: E402
from gphoton_db.mission import Band  # noqa: E402
from gphoton_db.paths import ArchivePaths, raw6_name  # noqa: E402
from gphoton_db.query.query import fetch  # noqa: E402
from gphoton_db.simulate.plan import Detector, LegPlan  # noqa: E402
from gphoton_db.simulate.projection import sky_frames  # noqa: E402
from gphoton_db.simulate.scene import Scene, Source  # noqa: E402
from gphoton_db.simulate.synthetic_calibration import write_synthetic_calibration  # noqa: E402
from gphoton_db.simulate.visit import simulate_visit  # noqa: E402

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

REGIONS = ("partial", "full_field", "full_370", "full_350")

PROBE = "probe"
"""The kind of leg whose copies get positions and times of their own."""

KINDS = {
    # A leg of the all-sky survey, a visit of a single field, and one to be looked at closely.
    "strip": (20000, LegPlan(180.0, 0.0, duration=110, dark=((0, 50), (55, 111))), 150.0),
    "field": (20001, LegPlan(180.0, 0.0, duration=1600, dark=((0, 800), (807, 1601))), 150.0),
    PROBE: (20002, LegPlan(180.0, 0.0, duration=120), 150.0),
}
"""Eclipse, pointing, and photons a second of the background; a star is at the boresight."""

STAR_RATE = 20.0


@dataclass(frozen=True)
class Template:
    """A leg of an archive: what the catalogue says of it, and where its files are.

    Parameters
    ----------
    leg : dict
        Row of ``legs``.
    files : dict
        Rows of ``leg_files``, by kind; one photon file.
    coverage : dict
        Row of ``coverage``.
    gaps : list of dict
        Rows of ``shutter_gaps``.
    eclipse : dict
        Row of ``eclipses``.
    ingest : dict
        Row of ``ingests``.
    calibration : list of dict
        Rows of ``calibration_files``.
    root : Path
        The archive's folder.
    """

    leg: dict[str, Any]
    files: dict[str, dict[str, Any]]
    coverage: dict[str, Any]
    gaps: list[dict[str, Any]]
    eclipse: dict[str, Any]
    ingest: dict[str, Any]
    calibration: list[dict[str, Any]]
    root: Path

    @property
    def start_ms(self) -> int:
        """Return its first aspect time."""
        return round(float(self.leg["t0"]) * 1000)

    @property
    def reach(self) -> float:
        """Return how far its photons may lie from the boresight, deg."""
        return float(self.leg["dec_max"] - self.leg["dec0"])

    def path(self, kind: str) -> Path:
        """Return where its file of a kind is."""
        return self.root / str(self.files[kind]["path"])


Templates = dict[tuple[str, Band], Template]


def make_templates(folder: Path) -> Templates:
    """Simulate and ingest a leg of each kind in each band: some seconds."""
    calibration = write_synthetic_calibration(folder / "calibration")
    with Archive(folder / "archive") as archive:
        for eclipse, leg, background in KINDS.values():
            seconds = leg.duration + 1
            for band in Band:
                visit = simulate_visit(
                    folder / "visits",
                    calibration=calibration,
                    band=band,
                    eclipse=eclipse,
                    legs=[leg],
                    scene=Scene(
                        (Source(leg.ra0, leg.dec0, rate=STAR_RATE),), background=background
                    ),
                    detector=Detector(stim_rate=2600 / 4 / seconds),
                    event_truth=False,
                )
                archive.ingest(
                    eclipse,
                    band,
                    raw6=folder / "visits" / "raw6" / raw6_name(eclipse, band),
                    pointing=visit.pointing,
                    calibration=calibration,
                )
    return read_templates(
        folder / "archive",
        {(kind, band): (eclipse, 0) for kind, (eclipse, *_) in KINDS.items() for band in Band},
    )


def read_templates(root: Path, legs: dict[tuple[str, Band], tuple[int, int]]) -> Templates:
    """Return legs of an archive as templates.

    Parameters
    ----------
    root : Path
        The archive's folder.
    legs : dict
        Eclipse and leg of the template for each kind of leg and band.
    """
    with Catalogue(ArchivePaths(root)).reader() as connection:

        def rows(table: str, where: str) -> list[dict[str, Any]]:
            return list(fetch(connection, f"FROM {table} WHERE {where}").rows())

        made = {}
        for (kind, band), (eclipse, number) in legs.items():
            one = f"eclipse = {eclipse}"
            key = f"{one} AND band = '{band}' AND leg = {number}"
            (leg,), (coverage,) = rows("legs", key), rows("coverage", key)
            (ingest,) = rows("ingests", f"generation = '{leg['generation']}'")
            made[kind, band] = Template(
                leg,
                {file["kind"]: file for file in rows("leg_files", f"{key} AND part = 0")},
                coverage,
                rows("shutter_gaps", key),
                rows("eclipses", one)[0],
                ingest,
                rows("calibration_files", f"calibration = '{leg['calibration']}'"),
                root.resolve(),
            )
    return made


def moved(ra: Floats, dec: Floats, template: Template, ra0: Floats, dec0: Floats) -> list[Floats]:
    """Turn positions (n,) of a template about the sphere to other boresights (m,).

    Returns
    -------
    list of (m, n) float64
        Ra (0 to 360) and dec, deg.
    """
    (own,) = sky_frames(np.array([template.leg["ra0"]]), np.array([template.leg["dec0"]]))
    parts = sky_frames(ra, dec)[:, 2] @ own.T
    x, y, z = np.moveaxis(parts @ sky_frames(ra0, dec0), 2, 0)
    return [np.degrees(np.arctan2(y, x)) % 360, np.degrees(np.arctan2(z, np.hypot(x, y)))]


def half_width(reach: float, dec0: Floats) -> Floats:
    """Return how far in ra (deg) a circle of this radius reaches; 180 over a pole."""
    beyond = np.abs(dec0) + reach >= 90
    ratio = np.sin(np.radians(reach)) / np.cos(np.radians(np.where(beyond, 0.0, dec0)))
    return np.where(beyond, 180.0, np.degrees(np.arcsin(np.minimum(ratio, 1.0))))


def moved_regions(
    template: Template, ra0: Floats, dec0: Floats
) -> Iterator[tuple[str, list[bytes]]]:
    """Yield each region of the coverage, turned to other boresights, as well-known binary."""
    for name in REGIONS:
        region = shapely.from_wkb(bytes(template.coverage[name]))
        corners = shapely.get_coordinates(region)
        if region.geom_type != "Polygon" or len(region.interiors):
            sys.exit(f"the region {name} of the template is no plain polygon")
        ra, dec = moved(corners[:, 0], corners[:, 1], template, ra0, dec0)
        # Beyond 0 and 360 rather than with a jump.
        ra = np.degrees(np.unwrap(np.radians(ra), axis=1))
        start = bytes(template.coverage[name])[:13]
        points = np.ascontiguousarray(np.stack([ra, dec], axis=2), "<f8")
        yield name, [start + each.tobytes() for each in points]
