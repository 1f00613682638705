"""Exposure and count rates against the specification's formula on the photons themselves."""

from itertools import pairwise

import duckdb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.sql.reference import LegPhotons, rows_of


@settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_exposure_of_any_interval_is_exact(
    data: st.DataObject, sky: duckdb.DuckDBPyConnection, legs: list[LegPhotons]
) -> None:
    leg = data.draw(st.sampled_from(legs))
    first, last = int(leg["t_ms"].min()), int(leg["t_ms"].max())
    start = data.draw(st.integers(first - 200, last))
    length = data.draw(st.one_of(st.integers(1, 300), st.integers(1, last - first)))
    (row,) = rows_of(
        sky,
        "FROM exposure($1, $2, $3, $4, $5)",
        [leg.eclipse, leg.band, leg.leg, start / 1000, (start + length) / 1000],
    )
    assert row["exposure"] == pytest.approx(leg.exposure(start, start + length), abs=1e-3)


@pytest.mark.parametrize("step_ms", [20, 49, 50, 51, 130, 1000, 7001, 10**6])
def test_exposure_of_bins_is_that_of_their_intervals(
    step_ms: int, sky: duckdb.DuckDBPyConnection, legs: list[LegPhotons]
) -> None:
    for leg in legs[:3]:
        rows = rows_of(
            sky,
            "FROM exposure_bins($1, $2, $3, step := $4)",
            [leg.eclipse, leg.band, leg.leg, step_ms / 1000],
        )
        start, last = leg.span_ms
        assert len(rows) == (last - start) // step_ms + 1
        for k in range(0, len(rows), max(len(rows) // 50, 1)):
            t0 = start + k * step_ms
            assert rows[k]["t0"] == t0 / 1000
            assert rows[k]["exposure"] == pytest.approx(leg.exposure(t0, t0 + step_ms), abs=1e-3)


def test_bins_of_all_legs_together_are_those_of_each(sky: duckdb.DuckDBPyConnection) -> None:
    every = rows_of(sky, "FROM exposure_bins(NULL, NULL, NULL, step := 5)")
    each = [
        row
        for leg in rows_of(sky, "SELECT eclipse, band, leg FROM legs ORDER BY ALL")
        for row in rows_of(
            sky,
            "FROM exposure_bins($eclipse, $band, $leg, step := 5)",
            leg,
        )
    ]
    assert every == each


def test_a_visit_has_the_exposure_of_its_leg(sky: duckdb.DuckDBPyConnection) -> None:
    rows = rows_of(
        sky,
        "SELECT bin.exposure, legs.exposure AS right FROM exposure_bins(NULL, NULL, NULL, "
        "step := NULL) AS bin JOIN legs USING (eclipse, band, leg)",
    )
    assert len(rows) == 7
    # The bin holds the last photon too, which is 1 ms more.
    assert all(row["exposure"] == pytest.approx(row["right"], abs=2e-3) for row in rows)


def test_count_rates_count_every_event(
    sky: duckdb.DuckDBPyConnection, legs: list[LegPhotons]
) -> None:
    for leg in legs:
        rows = rows_of(
            sky, "FROM count_rate($1, $2, $3, step := 4)", [leg.eclipse, leg.band, leg.leg]
        )
        start, _ = leg.span_ms
        edges = start + 4000 * np.arange(len(rows) + 1)
        for name, times in (("events", leg["t_ms"]), ("unflagged", leg["t_ms"][leg["flags"] == 0])):
            counts = [int(((times >= a) & (times < b)).sum()) for a, b in pairwise(edges)]
            assert [row[name] for row in rows] == counts
        assert rows[0]["event_rate"] == rows[0]["events"] / 4


def test_a_leg_that_is_not_there_has_no_exposure(sky: duckdb.DuckDBPyConnection) -> None:
    assert rows_of(sky, "FROM exposure(1, 'NUV', 0, 100, 200)") == []
    assert rows_of(sky, "FROM exposure_bins(23502, 'FUV', 0)") == []


def test_every_leg_has_shutter_gaps_of_its_own_version(sky: duckdb.DuckDBPyConnection) -> None:
    rows = rows_of(
        sky,
        "SELECT legs.generation, any_value(gap.generation) AS of_gaps, "
        "count(*) FILTER (gap.t0_ms IS NULL) AS starts, "
        "count(*) FILTER (gap.t1_ms IS NULL) AS ends "
        "FROM legs LEFT JOIN shutter_gaps AS gap USING (eclipse, band, leg) "
        "GROUP BY legs.eclipse, legs.band, legs.leg, legs.generation",
    )
    assert all(row["generation"] == row["of_gaps"] for row in rows)
    assert all((row["starts"], row["ends"]) == (1, 1) for row in rows)
