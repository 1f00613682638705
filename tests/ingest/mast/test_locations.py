"""Where the files are: the service's list with all its oddities."""

import pytest

from gphoton_db.errors import ServiceError
from gphoton_db.ingest.mast.client import Client
from gphoton_db.ingest.mast.locations import find_files, locations_in
from gphoton_db.mission import Band
from tests.mastserver import MastServer

BASE = "https://galex.stsci.edu/data"


def test_bands_are_padded_and_others_are_passed_over() -> None:
    rows = [
        [1, "NUV       ", f"{BASE}/n.fits.gz"],
        [2, "FUV       ", f"{BASE}/f.fits.gz "],
        [3, "scst      ", f"{BASE}/s.fits.gz"],
        [4, "XUV       ", f"{BASE}/x.fits.gz"],
        [5, "", f"{BASE}/y.fits.gz"],
    ]
    found = locations_in(rows, 23456)
    assert found.raw6 == {Band.NUV: f"{BASE}/n.fits.gz", Band.FUV: f"{BASE}/f.fits.gz"}
    assert found.scst == f"{BASE}/s.fits.gz"


def test_both_is_a_spacecraft_state_and_one_gz_is_enough() -> None:
    rows = [[1, "BOTH      ", f"{BASE}/s.fits.gz.gz"], [1, "NUV", f"{BASE}/n.fits.gz.gz"]]
    found = locations_in(rows, 23456)
    assert (found.scst, found.raw6) == (f"{BASE}/s.fits.gz", {Band.NUV: f"{BASE}/n.fits.gz"})


def test_of_two_addresses_of_a_file_the_first_counts() -> None:
    rows = [[1, "NUV", f"{BASE}/a.gz"], [1, "NUV", f"{BASE}/a.gz"], [1, "NUV ", f"{BASE}/b.gz"]]
    assert locations_in(rows, 23456).raw6 == {Band.NUV: f"{BASE}/a.gz"}


def test_a_band_without_telemetry_is_named_with_those_that_have_any() -> None:
    found = locations_in([[1, "NUV", f"{BASE}/n.gz"]], 23456)
    with pytest.raises(ServiceError, match=r"no FUV telemetry of eclipse 23456 \(it has: NUV\)"):
        found.of_raw6(Band.FUV)
    with pytest.raises(ServiceError, match="none at all"):
        locations_in([], 23456).of_raw6(Band.NUV)


@pytest.mark.parametrize("row", [[], [1, "NUV"], [1, None, "x"], [1, "NUV", None], [1, 2, "x"]])
def test_rows_of_another_form_are_refused(row: list[object]) -> None:
    with pytest.raises(ServiceError, match=r"not 'id, band, url'"):
        locations_in([row], 23456)


def test_the_service_is_asked_by_eclipse(client: Client, server: MastServer) -> None:
    server.add_visit(23456, locations=[[9, "FUV  ", f"{BASE}/f.gz"]])
    assert find_files(client, 23456).raw6 == {Band.FUV: f"{BASE}/f.gz"}
    assert server.requests["spGetRawUrls 23456"] == 1
