"""Objects of sources: means, rows of visits, flags, and numbers that stay."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gphoton_db.mission import Band
from gphoton_db.products.objects.entries import Entries, Rates
from gphoton_db.products.objects.identities import Earlier
from gphoton_db.products.objects.objects import Fields, ObjectFlag, Objects, link_objects

NO_FIELDS = Fields(np.empty(0), np.empty(0), np.empty(0))


def sources(
    ra: Any, dec: Any, eclipse: Any, *, err: Any = 0.5, cps: Any = 1.0, **changes: Any
) -> Entries:
    """Return sources of leg 0 of eclipses, detected in NUV."""
    n = len(ra)
    nuv = Rates(
        np.broadcast_to(np.asarray(cps, float), n),
        np.full(n, 0.1),
        np.asarray(changes.pop("exposure", np.full(n, 100.0)), float),
        np.ones(n, bool),
    )
    columns: dict[str, Any] = {
        "source_id": np.array([f"{each}_0_{k}_n" for k, each in enumerate(eclipse)], object),
        "eclipse": np.asarray(eclipse),
        "leg": np.zeros(n, np.int64),
        "ra": np.asarray(ra, float),
        "dec": np.asarray(dec, float),
        "ra_err": np.broadcast_to(np.asarray(err, float), n),
        "dec_err": np.broadcast_to(np.asarray(err, float), n),
        "artifact": np.zeros(n, bool),
        "rates": {Band.NUV: nuv, Band.FUV: Rates.nothing(n)},
    }
    return Entries(**columns | changes)


def earlier_of(found: Objects) -> Earlier:
    visits, objects = found.visits, found.objects
    return Earlier(
        source_id=visits["source_id"],
        source_object=visits["object_id"],
        source_ra=visits["ra"],
        source_dec=visits["dec"],
        **{name: objects[name] for name in ("object_id", "ra", "dec")},
        next_id=found.next_id,
    )


def arcsec(*values: float) -> NDArray[np.float64]:
    return np.array(values) / 3600.0


def test_the_mean_position_is_weighted_by_the_errors() -> None:
    found = link_objects(
        sources([10.0, 10.0], arcsec(0.0, 1.5), [1, 2], err=[0.5, 1.0]), 3.0, NO_FIELDS
    )
    assert found.objects["dec"] * 3600 == pytest.approx([0.3])  # weights 4 and 1
    assert found.objects["dec_err"] == pytest.approx([1 / np.sqrt(5)])
    assert found.objects["scatter"] == pytest.approx([np.sqrt((0.3**2 + 1.2**2) / 2)])
    assert found.visits["separation"] == pytest.approx([0.3, 1.2])


@pytest.mark.parametrize("dec", [0.0, 60.0, 89.99])
def test_the_mean_position_is_right_across_ra_0(dec: float) -> None:
    away = 1.0 / 3600 / np.cos(np.radians(dec))
    found = link_objects(sources([360 - away, away], [dec, dec], [1, 2]), 3.0, NO_FIELDS)
    (ra,) = found.objects["ra"]
    assert min(ra, 360 - ra) * np.cos(np.radians(dec)) * 3600 < 1e-6
    assert found.objects["dec"] == pytest.approx([dec], abs=1e-5)


def test_the_mean_position_of_sources_about_a_pole_is_the_pole() -> None:
    found = link_objects(
        sources([0.0, 120.0, 240.0], [90 - 1 / 3600] * 3, [1, 2, 3]), 3.0, NO_FIELDS
    )
    assert found.objects["dec"] == pytest.approx([90.0])
    assert found.objects["n_visits"].tolist() == [3]


def test_rates_are_weighted_by_exposure_and_compared_with_their_mean() -> None:
    found = link_objects(
        sources([1.0, 1.0], [0.0, 0.0], [1, 2], cps=[1.0, 2.0], exposure=[300.0, 100.0]),
        3.0,
        NO_FIELDS,
    )
    objects = found.objects
    assert objects["nuv_cps_bgsub"] == pytest.approx([1.25])
    assert objects["nuv_cps_bgsub_err"] == pytest.approx([np.hypot(30.0, 10.0) / 400])
    assert objects["nuv_chi2"] == pytest.approx([(0.25**2 + 0.75**2) / 0.1**2])
    assert (objects["nuv_measured"].tolist(), objects["fuv_measured"].tolist()) == ([2], [0])
    assert np.isnan(objects["fuv_cps_bgsub"]).all()
    assert objects["bands"].tolist() == ["NUV"]


def test_a_visit_has_one_row_of_an_object_and_several_sources_are_said() -> None:
    found = link_objects(
        sources([1.0] * 4, arcsec(0.0, 0.1, 2.0, 60.0), [1, 2, 2, 2]), 3.0, NO_FIELDS
    )
    visits = found.visits
    assert visits["object_id"].tolist() == [1, 1, 2]
    assert visits["n_sources"].tolist() == [1, 2, 1]
    assert visits["source_id"].tolist() == ["1_0_0_n", "2_0_1_n", "2_0_3_n"]  # the nearest
    assert visits["flags"].tolist() == [0, ObjectFlag.TWICE, 0]
    assert found.objects["flags"].tolist() == [ObjectFlag.TWICE, 0]
    assert found.objects["n_sources"].tolist() == [3, 1]


def test_chains_unknown_errors_and_artifacts_are_flagged() -> None:
    ra = [1.0] * 3 + [2.0] * 2 + [3.0]
    dec = arcsec(0.0, 2.8, 5.6, 0.0, 0.1, 0.0)
    err = [0.5, 0.5, 0.5, 0.5, np.nan, 0.5]
    entries = sources(ra, dec, [1, 2, 3, 1, 2, 1], err=err, artifact=np.arange(6) == 5)
    found = link_objects(entries, 2.9, NO_FIELDS)
    flags = dict(zip(np.round(found.objects["ra"]), found.objects["flags"].tolist(), strict=True))
    assert flags == {1.0: 0, 2.0: ObjectFlag.NO_ERRORS, 3.0: ObjectFlag.ARTIFACT}
    wide = link_objects(sources([1.0] * 4, arcsec(0, 2.9, 5.8, 8.7), [1, 2, 3, 4]), 2.9, NO_FIELDS)
    assert wide.objects["flags"].tolist() == [ObjectFlag.WIDE]


def test_fields_that_hold_an_object_are_counted_with_and_without_a_source() -> None:
    fields = Fields(np.array([0.1, 359.9, 10.0]), np.zeros(3), np.full(3, 0.6))
    found = link_objects(sources([0.0], [0.0], [1]), 3.0, fields)
    assert found.objects["n_covered"].tolist() == [2]
    assert found.objects["n_visits"].tolist() == [1]


def test_objects_keep_their_numbers_when_visits_are_added_in_any_order() -> None:
    rng = np.random.default_rng(5)
    ra, dec = rng.uniform(0, 0.5, (2, 50))
    everything = sources(
        np.tile(ra, 4) + rng.normal(0, 0.3 / 3600, 200),
        np.tile(dec, 4) + rng.normal(0, 0.3 / 3600, 200),
        np.repeat([1, 2, 3, 4], 50),
    )
    at_once = link_objects(everything, 3.0, NO_FIELDS)
    for visits in ([3, 1, 4, 2], [1, 2, 3, 4]):
        found: Objects | None = None
        for n in range(1, 5):
            entries = everything.take(np.isin(everything.eclipse, visits[:n]))
            before = found
            found = link_objects(
                entries, 3.0, NO_FIELDS, earlier_of(before) if before else Earlier.nothing()
            )
            if before:  # what there was has the number that it had
                old = dict(zip(before.visits["source_id"], before.visits["object_id"], strict=True))
                new = dict(zip(found.visits["source_id"], found.visits["object_id"], strict=True))
                assert all(new[name] == number for name, number in old.items())
        assert found is not None
        together = {
            frozenset(each.visits["source_id"][each.visits["object_id"] == number])
            for each in (found,)
            for number in each.objects["object_id"]
        }
        assert together == {
            frozenset(at_once.visits["source_id"][at_once.visits["object_id"] == number])
            for number in at_once.objects["object_id"]
        }


def test_objects_that_become_one_keep_the_lowest_number_and_say_so() -> None:
    two = sources([1.0, 1.0], arcsec(0.0, 5.0), [1, 1])
    before = link_objects(two, 3.0, NO_FIELDS)
    assert before.objects["object_id"].tolist() == [1, 2]
    bridge = sources([1.0] * 3, arcsec(0.0, 5.0, 2.5), [1, 1, 2])
    found = link_objects(bridge, 3.0, NO_FIELDS, earlier_of(before))
    assert found.objects["object_id"].tolist() == [1]
    assert found.objects["flags"].tolist() == [ObjectFlag.TWICE | ObjectFlag.JOINED]
    again = link_objects(two, 3.0, NO_FIELDS, earlier_of(found))
    assert again.objects["object_id"].tolist() == [1, 3]  # 2 is never given again
    assert again.objects["flags"].tolist() == [0, 0]


def test_an_object_that_becomes_several_leaves_its_number_to_the_largest_part() -> None:
    chain = sources([1.0] * 4, arcsec(0.0, 2.5, 5.0, 5.1), [1, 2, 3, 4])
    before = link_objects(chain, 3.0, NO_FIELDS)
    assert before.objects["object_id"].tolist() == [1]
    found = link_objects(chain.take(np.array([0, 2, 3])), 3.0, NO_FIELDS, earlier_of(before))
    number = dict(zip(found.objects["object_id"], found.objects["n_sources"], strict=True))
    assert number == {1: 2, 2: 1}
    assert set(found.objects["flags"]) == {ObjectFlag.SPLIT}


def test_a_visit_that_was_detected_anew_leaves_the_numbers_where_they_were() -> None:
    stars = np.array([0.0, 60.0, 120.0]) / 3600
    before = link_objects(sources([1.0] * 3, stars, [1, 1, 1]), 3.0, NO_FIELDS)
    # A new source comes first, so that all names are those of other stars.
    anew = sources([1.0] * 4, np.append(-60 / 3600, stars), [1] * 4)
    found = link_objects(anew, 3.0, NO_FIELDS, earlier_of(before))
    place = dict(
        zip(np.round(found.objects["dec"] * 3600), found.objects["object_id"], strict=True)
    )
    assert place == {-60.0: 4, 0.0: 1, 60.0: 2, 120.0: 3}


def test_nothing_comes_of_nothing() -> None:
    found = link_objects(sources([], [], []), 3.0, NO_FIELDS)
    assert (len(found.objects["object_id"]), len(found.visits["eclipse"])) == (0, 0)
    found = link_objects(sources([np.nan], [0.0], [1]), 3.0, NO_FIELDS)
    assert len(found.objects["object_id"]) == 0
