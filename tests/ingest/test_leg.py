"""How the telemetry is cut up, into chunks and into legs, changes no photon."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from gphoton_db.aspect.pointing import Leg, Pointing
from gphoton_db.aspect.read import read_pointing
from gphoton_db.ingest import leg, photons, raw6
from gphoton_db.ingest.eclipse import ReducedEclipse
from gphoton_db.simulate.visit import Visit
from tests.ingest.reduced import Comparison, LegTable, leg_table, reduce_made_up

ODD_SIZES = {
    "tiny": {"CHUNK_ROWS": 499, "BLOCK_ROWS": 97, "BATCH_PHOTONS": 1, "PART_PHOTONS": 1_000},
    "small": {"CHUNK_ROWS": 513, "BLOCK_ROWS": 4_099, "BATCH_PHOTONS": 501, "PART_PHOTONS": 5_003},
    "uneven": {
        "CHUNK_ROWS": 20_011,
        "BLOCK_ROWS": 1_001,
        "BATCH_PHOTONS": 7_919,
        "PART_PHOTONS": 7_919,
    },
}
OWNERS = {"CHUNK_ROWS": leg, "BLOCK_ROWS": raw6, "BATCH_PHOTONS": photons, "PART_PHOTONS": photons}


CUTS = [("post-CSP, cube c", "tiny"), ("four legs", "small"), ("four legs", "uneven")]
MORE_CUTS = [("four legs", "tiny"), ("post-CSP, cube c", "small"), ("post-CSP, cube c", "uneven")]


@pytest.mark.parametrize(
    ("case", "sizes"), [*CUTS, *(pytest.param(*cut, marks=pytest.mark.deep) for cut in MORE_CUTS)]
)
def test_chunks_blocks_batches_and_parts_change_nothing(
    case: str,
    sizes: str,
    comparison_of: Callable[[str], Comparison],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = comparison_of(case)
    for name, size in ODD_SIZES[sizes].items():
        monkeypatch.setattr(OWNERS[name], name, size)
    cut = reduce_made_up(whole.visit, tmp_path)
    for one, other in zip(whole.eclipse.legs, cut.legs, strict=True):
        assert len(other.files) > 1
        assert leg_table(one).same_as(leg_table(other))
        assert one.photons.on_detector_ms == other.photons.on_detector_ms
        for column in ("t_ms", "events", "unflagged"):
            ours, theirs = (getattr(e.photons.ticks, column) for e in (one, other))
            assert np.array_equal(ours, theirs)


@pytest.fixture(scope="module")
def visit(visit_of: Callable[[str], Visit]) -> Visit:
    return visit_of("NUV")


def split_at(pointing: Pointing, row: int) -> Pointing:
    """Return the same pointing with a leg's bound before an aspect row."""
    (one,) = pointing.legs
    time_ms = one.aspect.time_ms
    bounds = [int(time_ms[0]), int(time_ms[row]), int(time_ms[-1]) + 1]
    legs = [
        Leg(number, one.boresight, one.aspect.between(start, stop))
        for number, (start, stop) in enumerate(pairwise(bounds))
    ]
    return replace(pointing, legs=tuple(legs))


def all_photons(eclipse: ReducedEclipse) -> LegTable:
    """Return the photons of all legs in one order, that of time and then of anything."""
    tables = [leg_table(one) for one in eclipse.legs]
    columns = zip(*(vars(table).values() for table in tables), strict=True)
    together = LegTable(*(np.concatenate(parts) for parts in columns))
    order = np.lexsort((together.row, together.col, together.ya, together.q, together.t_ms))
    return together.take(order)


@pytest.mark.parametrize("row", [1, 30, 59])
def test_a_leg_bound_changes_no_photon(
    row: int, visit: Visit, comparison_of: Callable[[str], Comparison], tmp_path: Path
) -> None:
    pointing = read_pointing(visit.pointing, visit.eclipse)
    one_leg = all_photons(comparison_of("NUV").eclipse)
    two_legs = all_photons(reduce_made_up(visit, tmp_path, pointing=split_at(pointing, row)))
    # A leg ends with its last aspect row, so the second across the bound belongs to neither.
    start_ms, stop_ms = pointing.legs[0].aspect.time_ms[[row - 1, row]]
    between = (one_leg.t_ms > start_ms) & (one_leg.t_ms < stop_ms)
    assert between.sum() > 100
    assert two_legs.same_as(one_leg.take(~between))
