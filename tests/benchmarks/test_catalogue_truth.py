"""A catalogue of a small simulated field against the truth."""

from pathlib import Path

import numpy as np
from benchmarks.catalogue_truth import (
    ECLIPSE,
    chosen_stars,
    make_archive,
    match,
    pulls,
    scene,
    width_ratio,
)

from gphoton_db.archive import Archive
from gphoton_db.mission import Band
from gphoton_db.simulate.scene import BandRates

FAINTEST = 20.5


def test_stars_are_found_with_their_rates_and_colours(tmp_path: Path) -> None:
    sky = scene(600, 1, background=BandRates(nuv=400.0, fuv=100.0))
    with Archive(make_archive(tmp_path, sky, 100)) as archive:
        of = match(archive.catalogue(ECLIPSE), sky)
    bright = of.magnitudes[Band.NUV][: of.n_stars] < FAINTEST
    found = np.isin(np.arange(of.n_stars), of.star)
    assert found[bright].mean() > 0.95
    entries = (of.entries["nuv_model_mag"] < FAINTEST) & ~of.in_galaxy
    assert (of.star[entries] >= 0).mean() > 0.9
    chosen = chosen_stars(of, FAINTEST)
    assert len(chosen) > 25
    for name, pull in pulls(of, chosen).items():
        tolerance = 3.5 / len(chosen) ** 0.5  # 3.5 standard deviations of a mean
        assert abs(pull.mean) < tolerance, name
        assert abs(pull.deviation - 1) < tolerance, name
    for band in Band:
        assert abs(width_ratio(of, band, chosen) - 1) < 0.02
