"""What a catalogue says of simulated stars: their objects, their matches, their astrometry."""

from pathlib import Path

import numpy as np
from astropy.table import Table

from gphoton_db.archive import Archive
from tests.archives import SessionArchive, Star

STEADY = (Star.BRIGHT, Star.BLUE)


def test_simulated_stars_are_objects_and_match_with_the_truth(
    copied: Path, two_bands: SessionArchive
) -> None:
    truth = [two_bands.star(star) for star in Star]
    table = Table(
        {
            "ra": [each.ra for each in truth],
            "dec": [each.dec for each in truth],
            "name": [star.name for star in Star],
        }
    )
    with Archive(copied) as archive:
        made = archive.objects()
        assert made.n_objects == made.n_sources == archive.query("FROM catalogue").arrow().num_rows
        found = archive.match(table, name="truth")
        matched = {str(row["name"]): row for row in found if row["row"] >= 0}
        assert {star.name for star in STEADY} <= matched.keys()
        for star in STEADY:
            row = matched[star.name]
            assert row["separation"].value < 0.5
            (seen,) = archive.query(
                "SELECT o.* FROM objects AS o JOIN object_visits AS v USING (object_id) "
                f"WHERE v.source_id = '{row['source_id']}'"
            ).rows()
            assert seen["bands"] == "NUV FUV"
            assert (seen["n_visits"], seen["n_covered"]) == (1, 1)
            assert seen["nuv_chi2"] == 0.0
        for row in archive.query("FROM astrometry").rows():
            assert row["n_used"] >= 3
            assert np.hypot(row["shift_ra"], row["shift_dec"]) < 0.3
            assert row["scatter_ra"] < 0.5
