"""Catalogue entries: what is measured, against the truth and against the photometry."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.catalogue.make import check_overlap
from tests.archives import SessionArchive, Star
from tests.products.catalogue.conftest import DEPTH, ECLIPSE, Catalogued
from tests.shared import own_copy

STARS = (Star.BRIGHT, Star.BLUE, Star.PULSATING)


def entry_of(archive: Archive, two_bands: SessionArchive, star: Star) -> dict[str, Any]:
    """Return the entry at the place of a star."""
    source = two_bands.star(star)
    sql = f"FROM catalogue ORDER BY separation(ra, dec, {source.ra}, {source.dec}) LIMIT 1"
    (row,) = archive.query(sql).rows()
    offset = np.hypot(
        (row["ra"] - source.ra) * np.cos(np.radians(row["dec"])), row["dec"] - source.dec
    )
    assert offset * 3600 < 1.0
    return row


@pytest.mark.parametrize("star", STARS)
def test_a_star_is_one_entry_with_its_rates(
    archive: Archive, two_bands: SessionArchive, star: Star
) -> None:
    row = entry_of(archive, two_bands, star)
    assert row["source_id"] == f"{ECLIPSE}_0_{row['source']}_nf"
    assert (row["bands"], row["match_flag"]) == ("NUV FUV", "best")
    assert row["separation"] < 1.5
    assert 0 < row["ra_err"] < 0.3
    for band in ("nuv", "fuv"):
        for name in ("cps_bgsub", "model_cps"):
            truth = two_bands.star(star).rate_in(Band(band.upper()))
            if star is Star.PULSATING:
                continue  # its mean over the visit is not its quiescent rate
            assert abs(row[f"{band}_{name}"] - truth) < 4 * row[f"{band}_{name}_err"]
        assert row[f"{band}_sky"] == pytest.approx(row[f"{band}_background"], abs=5e-4)
        assert not row[f"{band}_hotspot"]
        assert not row[f"{band}_ghost"]
        assert row[f"{band}_dof"] == 4
        assert len(row[f"{band}_model_residuals"]) == 7
        assert row[f"{band}_col"] == pytest.approx(400, abs=250)


def test_the_width_is_that_of_the_simulator(archive: Archive, two_bands: SessionArchive) -> None:
    rows = [entry_of(archive, two_bands, star) for star in STARS]
    for band in Band:
        name = band.value.lower()
        weight = np.array([row[f"{name}_sigma_err"] for row in rows]) ** -2.0
        mean = (weight * [row[f"{name}_sigma"] for row in rows]).sum() / weight.sum()
        expected = two_bands.visit.scene.psf_sigma(band)
        assert abs(mean - expected) < max(0.02 * expected, 3 * weight.sum() ** -0.5)


@pytest.mark.parametrize("band", [Band.NUV, pytest.param(Band.FUV, marks=pytest.mark.deep)])
def test_counts_are_those_of_photometry_of_photons(
    archive: Archive, copied: Path, band: Band
) -> None:
    rows = archive.query("FROM catalogue ORDER BY source").rows()
    places = {"ra": [row["ra"] for row in rows], "dec": [row["dec"] for row in rows]}
    with Archive(copied) as changed:
        made = changed.photometry(
            ECLIPSE, band, radii=(6.0, 12.8), catalog=places, method="photon", depth=DEPTH
        )
    whole = made.table[np.asarray(made.table["frame"]) < 0]
    for radius, place in ((6.0, 3), (12.8, 5)):
        theirs = whole[np.asarray(whole["radius"]) == radius]
        for name in ("photons", "counts", "counts_err"):
            ours = [row[f"{band.value.lower()}_aper_{name}"][place] for row in rows]
            np.testing.assert_allclose(ours, theirs[name], rtol=1e-12)
    exposure = np.asarray(theirs["exposure"])[0]
    assert rows[0][f"{band.value.lower()}_exposure"] == pytest.approx(exposure, rel=1e-12)


def test_frames_are_in_the_photometry_and_add_up(archive: Archive) -> None:
    rows = archive.query(
        "SELECT band, source, radius, sum(counts) FILTER (frame IS NOT NULL) AS of_frames, "
        "sum(counts) FILTER (frame IS NULL) AS whole, count(DISTINCT t0) FILTER (frame = 0) AS n "
        "FROM photometry WHERE catalog = 'entries' GROUP BY ALL"
    ).rows()
    (n,) = archive.query("SELECT count(*) AS n FROM catalogue").rows()
    assert len(rows) == n["n"] * 8 * 2
    np.testing.assert_allclose(
        [row["of_frames"] for row in rows], [row["whole"] for row in rows], rtol=1e-9
    )
    (starts,) = archive.query(
        "SELECT list(DISTINCT t0 % $depth) AS rest FROM photometry "
        "WHERE catalog = 'entries' AND frame IS NOT NULL",
        {"depth": DEPTH},
    ).rows()
    assert len(starts["rest"]) == 1  # frames of both bands start at the same times


def test_the_view_has_what_was_returned(archive: Archive, catalogued: Catalogued) -> None:
    view = archive.query("FROM catalogue ORDER BY source").arrow()
    assert view.schema.names == catalogued.entries.schema.names
    assert view.to_pylist() == catalogued.entries.to_pylist()


def test_one_band_alone_is_said_and_has_no_columns_of_the_other(
    one_leg: SessionArchive,
    tmp_path_factory: pytest.TempPathFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    root = own_copy(tmp_path_factory, one_leg.archive_path)
    with Archive(root) as archive:
        entries = archive.catalogue(ECLIPSE, 0, radii=(6, -1, 12.8))
        rows = entries.to_pylist()
        assert archive.query("SELECT count(*) AS n FROM catalogue").rows() == [{"n": len(rows)}]
    assert "catalogue of one band only" in caplog.text
    assert "left out" in caplog.text  # the radius below 0
    assert {row["bands"] for row in rows} == {"NUV"}
    assert {row["match_flag"] for row in rows} == {"single"}
    assert all(row["fuv_cps"] is None and row["fuv_aper_cps"] is None for row in rows)
    assert all(row["radii"] == [6.0, 12.8] for row in rows)
    assert all(row["nuv_dof"] == 0 and row["nuv_sigma_err"] is None for row in rows)


def test_no_sources_make_an_empty_catalogue(
    empty_sky: SessionArchive,
    tmp_path_factory: pytest.TempPathFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    root = own_copy(tmp_path_factory, empty_sky.archive_path)
    with caplog.at_level(logging.WARNING), Archive(root) as archive:
        assert len(archive.catalogue(ECLIPSE)) == 0
        assert archive.query("FROM catalogue").rows() == []
    assert "no sources found" in caplog.text


def test_bands_that_saw_different_fields_are_said(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    legs = {Band(leg.band): leg for leg in archive.legs(ECLIPSE) if leg.leg == 0}
    check_overlap(legs)
    check_overlap({Band.NUV: legs[Band.NUV]})
    assert not caplog.records
    elsewhere = replace(legs[Band.FUV], dec0=legs[Band.FUV].dec0 - 2)
    check_overlap({**legs, Band.FUV: elsewhere})
    assert "its bands saw different fields, so no source is in both" in caplog.text


def test_what_makes_no_sense_is_refused(archive: Archive) -> None:
    with pytest.raises(ProductError, match="not ingested"):
        archive.catalogue(1)
    with pytest.raises(ProductError, match="has no leg 7"):
        archive.catalogue(ECLIPSE, 7)
    with pytest.raises(ProductError, match="empty or larger"):
        archive.catalogue(ECLIPSE, radii=(-1, 0))
    with pytest.raises(ProductError, match="longer depth or fewer radii"):
        archive.catalogue(ECLIPSE, depth=0.005, radii=(6, 12.8, *range(20, 3000, 1)))
    with pytest.raises(ProductError, match="seconds above 0"):
        archive.catalogue(ECLIPSE, depth=-3)
