"""Catalogue entries in the archive: replaced, gone with a band, found again, written to files."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.table import Table

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from tests.archives import SessionArchive
from tests.gphoton_db.conftest import Cli
from tests.products.catalogue.conftest import ECLIPSE, Catalogued

OTHERS = ("vot", "csv")
"""Tables of all kinds are written to them in the same way."""


def n_entries(archive: Archive) -> int:
    (row,) = archive.query("SELECT count(*) AS n FROM catalogue").rows()
    return int(row["n"])


def test_a_lost_catalogue_finds_them_again_and_they_go_with_either_band(
    copied: Path, catalogued: Catalogued, two_bands: SessionArchive
) -> None:
    fuv = two_bands.visits[1]
    (copied / "gphoton.duckdb").unlink()
    with Archive(copied) as archive:
        found = archive.query("FROM catalogue ORDER BY source").arrow()
        assert found.to_pylist() == catalogued.entries.to_pylist()
        assert not archive.verify().faults
        (calibration,) = archive.query("SELECT DISTINCT directory FROM calibration_files").rows()
        archive.ingest(
            ECLIPSE,
            "FUV",
            raw6=fuv.raw6,
            pointing=fuv.pointing,
            calibration=calibration["directory"],
            force=True,
        )
        assert n_entries(archive) == 0


@pytest.mark.parametrize(
    "ending",
    ["parquet", "fits", "ecsv", *(pytest.param(each, marks=pytest.mark.deep) for each in OTHERS)],
)
def test_every_format_has_all_of_it(
    archive: Archive, catalogued: Catalogued, tmp_path: Path, ending: str
) -> None:
    entries = catalogued.entries
    path = archive.write_catalogue(entries, tmp_path / f"entries.{ending}")
    if ending == "parquet":
        assert pq.read_table(path).to_pylist() == entries.to_pylist()
        return
    kind = {"vot": "votable", "csv": "ascii.csv", "ecsv": "ascii.ecsv"}.get(ending, ending)
    table = Table.read(path, format=kind)
    assert [str(name) for name in table["source_id"]] == entries["source_id"].to_pylist()
    np.testing.assert_allclose(np.asarray(table["nuv_cps"]), entries["nuv_cps"].to_numpy())
    fifth = [each[4] for each in entries["fuv_aper_counts"].to_pylist()]
    flat = ending in ("csv", "ecsv")
    found = table["fuv_aper_counts_5"] if flat else table["fuv_aper_counts"][:, 4]
    np.testing.assert_allclose(np.asarray(found), fifth)
    if ending != "csv":
        assert str(table["nuv_sky"].unit) in ("1 / (arcsec2 s)", "1 / (s arcsec2)")


def test_what_is_no_catalogue_is_refused(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(ProductError, match="no column source_id"):
        archive.write_catalogue(pa.table({"ra": [1.0]}), tmp_path / "x.fits")
    assert not (tmp_path / "x.fits").exists()


def test_the_command_reports_and_writes(cli: Cli, copied: Path, tmp_path: Path) -> None:
    output = tmp_path / "entries.csv"
    choices = ("--aperture", "6", "--aperture", "12.8", "--output", str(output), "--json")
    done = cli("--archive", str(copied), "catalogue", str(ECLIPSE), str(ECLIPSE), *choices)
    assert done.code == 0, done.err
    said = json.loads(done.out)
    (report,) = said["eclipses"]
    assert report["sources"] == len(output.read_text("utf-8").splitlines()) - 1
    assert report["in_both_bands"] >= 5
    assert said["files"] == [str(output)]
    with Archive(copied) as archive:  # in the place of the entries that were there before
        assert n_entries(archive) == report["sources"]
        (row,) = archive.query("SELECT DISTINCT radii FROM catalogue").rows()
    assert row["radii"] == [6.0, 12.8]
    refused = cli("--archive", str(copied), "catalogue", str(ECLIPSE), "--output", "x.docx")
    assert refused.code != 0
    assert "its ending says no format" in refused.err
