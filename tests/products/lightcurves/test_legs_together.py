"""A light curve is the same however many legs are taken together, and however they are read."""

from typing import Any

import numpy as np
import pytest
from astropy.table import Table
from tests.archives import SessionArchive, Star

from gphoton_db.archive import Archive
from gphoton_db.products.apertures import one_position

SIZES = {
    "each leg alone": {"LEGS_AT_ONCE": 1, "LEGS_TOGETHER": 1},
    "all by another connection": {"LEGS_TOGETHER": 1},
    "row groups of each leg": {"PHOTONS_AT_ONCE": 0},
}


def content(curve: Any) -> dict[str, Any]:
    columns = {name: np.asarray(curve[name]) for name in curve.colnames if name != "time"}
    return columns | {"good times": curve.meta["GTI"]}


@pytest.mark.parametrize("step", [pytest.param(None, marks=pytest.mark.deep), 7.0])
@pytest.mark.parametrize("name", SIZES)
def test_sums_do_not_depend_on_how_legs_are_put_together(
    name: str,
    step: float | None,
    overlapping_visits: SessionArchive,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    star = overlapping_visits.star(Star.BRIGHT)
    table = Table({"ra": [star.ra], "dec": [star.dec]})
    with Archive(overlapping_visits.archive_path) as archive:
        expected = archive.lightcurve(star.ra, star.dec, step=step, annulus=(40, 90))
        for constant, value in SIZES[name].items():
            monkeypatch.setattr(one_position, constant, value)
        found = archive.lightcurve(star.ra, star.dec, step=step, annulus=(40, 90))
        listed = archive.lightcurves(table, step=step, annulus=(40, 90))
    assert len(set(expected["eclipse"])) > 1
    assert np.asarray(expected["counts"]).sum() > 100
    np.testing.assert_equal(content(found), content(expected))
    for column in ("counts", "exposure", "flux", "covered", "warnings"):
        np.testing.assert_equal(np.asarray(listed[column]), np.asarray(expected[column]))
