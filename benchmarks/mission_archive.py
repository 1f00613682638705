"""Archives of as many legs as the mission had, made in minutes and not in months.

    python benchmarks/mission_archive.py [FOLDER] [--legs 3000] [--visits 1,50]

The legs follow a plan like the mission's (`gphoton_db.simulate.mission_plan`): boresights, times,
bands, bounds, outlines and names of files are each leg's own.  Their files are hard links of a
handful of real, small, reduced legs, so what is in a file is elsewhere in the sky and in time: good
for everything that chooses files.

Probes are fields with just so many visits in both bands, on the galactic plane, where the plan
never looks.  Their files are real copies with positions, times and manifests of their own: results
there are right.  At the boresight of each is a star of 20 photons a second.
"""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from benchmarks.mission_files import link_files, write_own_files  # noqa: E402
from benchmarks.mission_rows import FILE_KINDS, Placed, Tables, enter, tables_of  # noqa: E402
from benchmarks.mission_templates import PROBE, Templates, make_templates  # noqa: E402
from gphoton_db.catalogue.catalogue import Catalogue  # noqa: E402
from gphoton_db.intake.opening import make_archive  # noqa: E402
from gphoton_db.mission import Band  # noqa: E402
from gphoton_db.paths import ArchivePaths  # noqa: E402
from gphoton_db.simulate.mission_plan import (  # noqa: E402
    MISSION_ECLIPSES,
    PlannedVisit,
    plan_mission,
)

PROBES = ((292.0, 17.0), (104.0, -4.0), (255.0, -42.0), (310.0, 42.0))
"""Ra and dec of probes, deg: within 2 deg of the galactic plane, and far from each other."""

LEGS_AN_ECLIPSE = 6.5
"""Of the plan, both bands together, and a little less: so that there are enough."""


@dataclass(frozen=True)
class Probe:
    """A field that was seen in so many eclipses; ra and dec (deg) are of its star."""

    ra: float
    dec: float
    eclipses: tuple[int, ...]

    @property
    def visits(self) -> int:
        """Return how often it was seen, in each of both bands."""
        return len(self.eclipses)


@dataclass(frozen=True)
class MissionArchive:
    """An archive that was made, and what is where in it.

    Parameters
    ----------
    n_legs : int
        Rows of ``legs``: both bands.
    probes : tuple of Probe
        Fields with results that are right, in the order in which their visits were asked for.
    plan : tuple of PlannedVisit
        What each eclipse looked at; the eclipses of the probes have the survey `PROBE`.
    """

    root: Path
    n_legs: int
    probes: tuple[Probe, ...]
    plan: tuple[PlannedVisit, ...]


def build(
    root: Path,
    n_legs: int,
    *,
    visits: Sequence[int] = (1,),
    templates: Templates | None = None,
    own_outlines: bool = False,
    rebuildable: bool = False,
    seed: int = 1,
) -> MissionArchive:
    """Make an archive of exactly so many legs.

    Parameters
    ----------
    root : Path
        Its folder, which is made; on the file system of the templates, for the links.
    n_legs : int
        How many; 317,000 at the most.
    visits : sequence of int
        How often each probe is seen, in both bands: two legs a visit, among `n_legs`.
    templates : Templates, optional
        From `make_templates` (some seconds), for several archives.
    own_outlines : bool
        Whether each leg's coverage is its own (26 kB a leg, which nothing compresses), and not that
        of the template.
    rebuildable : bool
        Whether ticks and aspect of each leg are real copies with its own manifest, so that the
        catalogue can be made anew from the files.
    seed : int
        Of the plan.
    """
    if templates is None:
        with tempfile.TemporaryDirectory(dir=root.parent, prefix="templates-") as name:
            made = make_templates(Path(name))
            options = {"own_outlines": own_outlines, "rebuildable": rebuildable}
            return build(root, n_legs, visits=visits, templates=made, seed=seed, **options)
    make_archive(Catalogue(ArchivePaths(root)))  # before it could be made from files
    plan, probes = _plan(n_legs, visits, seed)
    placed = list(_placed(plan, n_legs, templates))
    parts = []
    for group in placed:
        tables = tables_of(group, own_outlines=own_outlines or group.kind == PROBE)
        parts.append(_with_files(root, group, tables, rebuildable=rebuildable))
    eclipses = {int(e) for group in placed for e in group.eclipse}
    kept = tuple(visit for visit in plan if visit.eclipse in eclipses)
    enter(root, parts, kept)
    return MissionArchive(root, sum(map(len, placed)), probes, kept)


def _with_files(root: Path, group: Placed, tables: Tables, *, rebuildable: bool) -> Tables:
    """Make the files of legs, and return what the catalogue says of them."""
    if group.kind == PROBE:
        return write_own_files(root, group, tables, FILE_KINDS)
    if rebuildable:
        link_files(root, group, ("photons", "seconds"))
        return write_own_files(root, group, tables, ("aspect", "ticks"))
    link_files(root, group, FILE_KINDS)
    return tables


def _plan(
    n_legs: int, visits: Sequence[int], seed: int
) -> tuple[tuple[PlannedVisit, ...], tuple[Probe, ...]]:
    """Return the plan, some single fields of which are visits of probes instead."""
    if len(visits) > len(PROBES) or 2 * sum(visits) > n_legs:
        sys.exit(f"{sum(visits)} visits of {len(visits)} probes do not fit into {n_legs} legs")
    n_eclipses = min(int(n_legs / LEGS_AN_ECLIPSE) + sum(visits) + 4, len(MISSION_ECLIPSES))
    plan = list(plan_mission(n_eclipses, seed=seed))
    free = [k for k, visit in enumerate(plan) if visit.survey != "AIS"]
    if len(free) < sum(visits):  # a plan so short that it is all strips
        free = list(range(len(plan)))
    chosen = np.linspace(0, len(free) - 1, sum(visits)).round().astype(np.int64)
    order = np.random.default_rng(seed).permutation(chosen)  # the probes take turns
    probes, start = [], 0
    for number, (n, place) in enumerate(zip(visits, PROBES, strict=False)):
        rows = sorted(free[k] for k in order[start : start + n])
        start += n
        for visit, row in enumerate(rows, start=1):
            plan[row] = replace(
                plan[row],
                survey=PROBE,
                target=number,
                visit=visit,
                bands=tuple(Band),
                boresights=(place,),
            )
        probes.append(Probe(*place, tuple(plan[row].eclipse for row in rows)))
    return tuple(plan), tuple(probes)


def _placed(plan: Sequence[PlannedVisit], n_legs: int, templates: Templates) -> Iterator[Placed]:
    """Yield the legs of each kind and band; the probes' are kept if some have to go."""
    rows = []
    for visit in plan:
        kind = {"AIS": "strip", PROBE: PROBE}.get(visit.survey, "field")
        for band in visit.bands:
            for leg, (ra, dec) in enumerate(visit.boresights):
                start_ms = visit.start_ms + 1000 * leg * (visit.duration + visit.slew)
                rows.append((kind, band, visit.eclipse, leg, ra, dec, start_ms))
    spare = len(rows) - n_legs
    if spare < 0:
        sys.exit(f"the plan has {len(rows):,} legs only, not {n_legs:,}")
    # From the end, for an eclipse must not lack a leg before another of its own.
    others = [k for k, row in enumerate(rows) if row[0] != PROBE]
    gone = set(others[len(others) - spare :])
    rows = [row for k, row in enumerate(rows) if k not in gone]
    for (kind, band), template in templates.items():
        of_kind = [row[2:] for row in rows if row[:2] == (kind, band)]
        if of_kind:
            columns = [np.array(column) for column in zip(*of_kind, strict=True)]
            yield Placed(kind, band, template, *columns)


def main() -> None:
    """Make one archive and say where its probes are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="of the archive (default: none stays)")
    parser.add_argument("--legs", type=int, default=3_000)
    parser.add_argument("--visits", default="1,50", help="how often each probe is seen")
    parser.add_argument("--own-outlines", action="store_true", help="coverage of each leg's own")
    parser.add_argument("--rebuildable", action="store_true", help="ticks with own manifests")
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # that the calibration is made up
    with tempfile.TemporaryDirectory(prefix="gphoton-bench-") as name:
        root = options.folder or Path(name) / "archive"
        root.parent.mkdir(parents=True, exist_ok=True)
        start, processor = time.perf_counter(), time.process_time()
        made = build(
            root,
            options.legs,
            visits=[int(n) for n in options.visits.split(",")],
            own_outlines=options.own_outlines,
            rebuildable=options.rebuildable,
        )
        seconds, of_processor = time.perf_counter() - start, time.process_time() - processor
        size = (root / "gphoton.duckdb").stat().st_size / 1e6
    for probe in made.probes:
        print(f"ra {probe.ra} dec {probe.dec}: {probe.visits} visits, first {probe.eclipses[0]}")
    print(f"{made.n_legs:,} legs, catalogue of {size:.0f} MB")
    print(f"{seconds:.0f} s, {of_processor:.0f} s of processor")


if __name__ == "__main__":
    main()
