"""Linking sources of many visits, and matching two large tables: seconds, and ratios to a floor.

    python benchmarks/objects.py [--stars 3000] [--visits 100] [--match 1000000] [--repeat 5]

In turn, in the same run, seconds of processor and by the clock:

link      `link_objects`: sources of all visits into objects, with means, errors and rows of visits
again     the same, going on from what it made, with the last visit new
match     `match_positions` of two tables, with the second best match and the rate of chance
moving    the same with proper motions, to the date of the visit

The floor of both is a k-d tree of the same positions (scipy), of the match with a query for the
nearest of each.  Medians of the repeats.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.spatial import cKDTree

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gphoton_db.aspect.sphere import unit_vectors  # noqa: E402
from gphoton_db.mission import Band  # noqa: E402
from gphoton_db.products.objects.entries import Entries, Rates  # noqa: E402
from gphoton_db.products.objects.identities import Earlier  # noqa: E402
from gphoton_db.products.objects.matching import match_positions  # noqa: E402
from gphoton_db.products.objects.objects import Fields, Objects, link_objects  # noqa: E402
from gphoton_db.products.objects.reference_table import read_reference  # noqa: E402

RADIUS = 3.0
ERROR_DEG = 0.5 / 3600


def entries_of(stars: int, visits: int) -> Entries:
    """Return what each visit of one field saw, of stars that are a field across."""
    rng = np.random.default_rng(1)
    n = stars * visits
    ra, dec = rng.uniform(-0.5, 0.5, (2, stars))
    eclipse = np.repeat(np.arange(visits) + 1, stars)
    number = np.tile(np.arange(stars), visits)
    rates = Rates(rng.normal(1.0, 0.1, n), np.full(n, 0.1), np.full(n, 1e3), np.ones(n, np.bool_))
    return Entries(
        source_id=np.array([f"{e}_0_{k}_n" for e, k in zip(eclipse, number, strict=True)], object),
        eclipse=eclipse,
        leg=np.zeros(n, np.int64),
        ra=(np.tile(ra, visits) + rng.normal(0, ERROR_DEG, n)) % 360.0,
        dec=np.tile(dec, visits) + rng.normal(0, ERROR_DEG, n),
        ra_err=np.full(n, 0.5),
        dec_err=np.full(n, 0.5),
        artifact=np.zeros(n, np.bool_),
        rates={Band.NUV: rates, Band.FUV: Rates.nothing(n)},
    )


def earlier_of(found: Objects) -> Earlier:
    visits, objects = found.visits, found.objects
    return Earlier(
        source_id=visits["source_id"].astype(str),
        source_object=visits["object_id"],
        source_ra=visits["ra"],
        source_dec=visits["dec"],
        **{name: objects[name] for name in ("object_id", "ra", "dec")},
        next_id=found.next_id,
    )


def linking(stars: int, visits: int) -> dict[str, Callable[[], Any]]:
    entries = entries_of(stars, visits)
    fields = Fields(np.zeros(visits), np.zeros(visits), np.full(visits, 0.62))
    before = link_objects(entries.take(entries.eclipse < visits), RADIUS, fields)
    earlier = earlier_of(before)
    found = link_objects(entries, RADIUS, fields, earlier)
    assert 0.95 * stars < len(found.objects["object_id"]) <= stars
    return {
        "floor": lambda: cKDTree(unit_vectors(entries.ra, entries.dec)),
        "link": lambda: link_objects(entries, RADIUS, fields),
        "again": lambda: link_objects(entries, RADIUS, fields, earlier),
    }


def matching(n: int) -> dict[str, Callable[[], Any]]:
    rng = np.random.default_rng(2)
    ra, dec = rng.uniform(0, 60, n), np.degrees(np.arcsin(rng.uniform(-0.5, 0.5, n)))
    table = pa.table({"ra": (ra + rng.normal(0, ERROR_DEG, n)) % 360.0, "dec": dec})
    motion = dict(zip(("pmra", "pmdec"), rng.normal(0, 10, (2, n)), strict=True))
    moving = pa.table({"ra": table["ra"], "dec": table["dec"], **motion})
    visit, year = np.zeros(n, np.int64), np.full(n, 2007.0)

    def match(table: pa.Table, **options: Any) -> Any:
        return match_positions(ra, dec, visit, year, read_reference(table, **options), RADIUS)

    def floor() -> Any:
        return cKDTree(unit_vectors(table["ra"], dec)).query(unit_vectors(ra, dec), workers=-1)

    assert (match(table).row == np.arange(n)).mean() > 0.999
    return {
        "floor": floor,
        "match": lambda: match(table),
        "moving": lambda: match(moving, epoch=2016.0),
    }


def measure(ways: dict[str, Callable[[], Any]], repeat: int) -> None:
    """Print processor seconds, seconds by the clock, and the ratio to the floor."""
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(repeat):
        for name, way in ways.items():
            start = time.process_time(), time.perf_counter()
            way()
            spent[name].append((time.process_time() - start[0], time.perf_counter() - start[1]))
    median = {
        n: [statistics.median(each) for each in zip(*v, strict=True)] for n, v in spent.items()
    }
    for name, (processor, clock) in median.items():
        ratio = processor / median["floor"][0]
        print(
            f"  {name:8} {processor:6.2f} s of processor, {clock:6.2f} s, {ratio:5.1f} x the floor"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stars", type=int, default=3000)
    parser.add_argument("--visits", type=int, default=100)
    parser.add_argument("--match", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    print(f"{options.stars * options.visits:,} sources of {options.visits} visits")
    measure(linking(options.stars, options.visits), options.repeat)
    print(f"{options.match:,} sources with {options.match:,} rows")
    measure(matching(options.match), options.repeat)


if __name__ == "__main__":
    main()
