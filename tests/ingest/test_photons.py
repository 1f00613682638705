from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from gphoton_db.ingest import leg, photons
from gphoton_db.ingest.eclipse import ReducedEclipse
from gphoton_db.mission import Flag
from gphoton_db.schemas import PHOTONS
from gphoton_db.simulate.visit import Visit
from tests.ingest.reduced import (
    STORED,
    Comparison,
    LegTable,
    leg_table,
    reduce_made_up,
    stored_table,
)


@pytest.fixture(scope="module")
def visit(visit_of: Callable[[str], Visit]) -> Visit:
    return visit_of("NUV")


@pytest.fixture(scope="module")
def stored(visit: Visit, tmp_path_factory: pytest.TempPathFactory) -> ReducedEclipse:
    return reduce_made_up(visit, tmp_path_factory.mktemp("stored"), STORED)


@pytest.fixture(scope="module")
def table(stored: ReducedEclipse) -> LegTable:
    return leg_table(stored.legs[0])


def test_photons_are_in_the_order_of_cell_and_time_without_a_cell_last(table: LegTable) -> None:
    cell = np.where(table.cell < 0, np.iinfo(np.int32).max, table.cell)
    order = np.lexsort((table.t_ms, cell))
    assert np.array_equal(order, np.sort(order))
    assert np.array_equal(table.cell < 0, np.isnan(table.ra))
    assert 0 < (table.cell < 0).sum() < len(table)


def test_files_say_which_part_of_the_sky_they_hold(
    visit: Visit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photons, "BATCH_PHOTONS", 1_000)
    monkeypatch.setattr(photons, "PART_PHOTONS", 6_000)
    parts = reduce_made_up(visit, tmp_path, STORED).legs[0].files
    assert [part.part for part in parts] == list(range(len(parts)))
    assert len(parts) > 2
    for part in parts:
        table = pq.read_table(part.file.path)
        assert part.n_photons == len(table)
        placed = table.filter(pc.greater_equal(table["cell"], 0))
        if not len(placed):
            assert part.bounds is None
            continue
        assert part.bounds is not None
        for name in ("cell", "ra", "dec"):
            found = pc.min_max(placed[name]).as_py()
            assert getattr(part.bounds, f"{name}_min") == found["min"]
            assert getattr(part.bounds, f"{name}_max") == found["max"]
        assert part.file.size == part.file.path.stat().st_size


def test_only_positions_response_and_mask_can_be_missing(stored: ReducedEclipse) -> None:
    arrow = stored_table(stored.legs[0])
    assert arrow.schema.equals(PHOTONS)
    flagged = arrow["flags"].to_numpy() != Flag.GOOD
    col, row = arrow["col"].to_numpy(), arrow["row"].to_numpy()
    off_flat = ~((col > 0) & (col < 800) & (row > 0) & (row < 800))
    for name in arrow.column_names:
        missing = arrow[name].is_null().to_numpy()
        expected = {"ra": flagged, "dec": flagged, "response": off_flat, "mask": off_flat}
        assert np.array_equal(missing, expected.get(name, np.zeros(len(col), np.bool_)))
    assert off_flat.any()


def test_stored_precision_is_as_documented(
    table: LegTable, comparison_of: Callable[[str], Comparison]
) -> None:
    exact = leg_table(comparison_of("NUV").eclipse.legs[0])
    for name in ("t_ms", "q", "ya", "flags", "mask", "cell"):
        assert np.array_equal(getattr(table, name), getattr(exact, name))
    good = table.cell >= 0
    for name in ("ra", "dec"):
        difference = getattr(table, name)[good] - getattr(exact, name)[good]
        assert abs(difference).max() <= 2.0**-21
    for name in ("col", "row"):
        assert np.array_equal(getattr(table, name), np.floor(getattr(exact, name) * 256) / 256)
    np.testing.assert_allclose(table.response, exact.response, rtol=1 / 4096)


@pytest.mark.parametrize("case", ["four legs", "post-CSP, cube c"])
def test_the_number_of_threads_changes_no_byte(
    case: str, visit_of: Callable[[str], Visit], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, size in (
        (leg, "CHUNK_ROWS", 2_000),
        (photons, "BATCH_PHOTONS", 2_000),
        (photons, "PART_PHOTONS", 4_000),
    ):
        monkeypatch.setattr(module, name, size)
    written = []
    for threads in (1, 3):
        output = tmp_path / str(threads)
        reduced = reduce_made_up(visit_of(case), output, replace(STORED, threads=threads))
        files = [part.file for one in reduced.legs for part in one.files]
        written.append({file.path.relative_to(output): file.sha256 for file in files})
    assert len(written[0]) > 4
    assert written[0] == written[1]


def test_nothing_but_photon_files_is_left(
    comparison_of: Callable[[str], Comparison],
) -> None:
    legs = comparison_of("four legs").eclipse.legs
    listed = {part.file.path for one in legs for part in one.files}
    output = next(iter(listed)).parents[1]
    assert {path for path in output.rglob("*") if path.is_file()} == listed
