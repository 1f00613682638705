"""Downloads that cannot be had: one clear error, and a cache as it was."""

import gzip
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from gphoton_db.calibration import files_for
from gphoton_db.errors import ServiceError
from gphoton_db.ingest.mast.calibration import fetch_calibration
from gphoton_db.ingest.mast.client import Client
from gphoton_db.ingest.mast.content import check_gzip
from gphoton_db.ingest.mast.download import download
from gphoton_db.ingest.mast.locations import locations_in
from gphoton_db.ingest.mast.visit_files import fetch_raw6, fetch_scst
from gphoton_db.mission import Band
from gphoton_db.simulate.visit import Visit
from tests import mastfaults
from tests.ingest.mast.conftest import Served, quick_options
from tests.mastserver import Fault, MastServer


def refused(client: Client, served: Served, complaint: str) -> None:
    """Check that a download fails for a reason, and leaves nothing but what it found."""
    other = served.wanted.folder / "other.fits.gz"
    other.parent.mkdir(exist_ok=True)
    other.write_bytes(b"not to be touched")
    with pytest.raises(ServiceError, match=complaint) as error:
        download(client, served.wanted)
    assert "\n" not in str(error.value)
    assert {path.name for path in served.wanted.folder.iterdir()} == {other.name}
    assert other.read_bytes() == b"not to be touched"


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        (mastfaults.cut(200_000), "gzip data are cut off or damaged"),
        (mastfaults.cut(0), "begins with nothing"),
        (mastfaults.declared(100_000), "gzip data are cut off or damaged"),
        (mastfaults.flipped(200_000), "gzip data are cut off or damaged"),
        (mastfaults.flipped(-5), "gzip data are cut off or damaged"),
        (mastfaults.content(b"<html>Sorry"), "is no gzip file, but begins with '<html>Sorry'"),
        (mastfaults.status(404), "answered 404"),
        (mastfaults.status(403), "answered 403"),
        (mastfaults.status(206), "broke off|would not go on"),
        (mastfaults.redirected("http://127.0.0.2:1/x"), "not taken from 127.0.0.2:1"),
        (mastfaults.redirected("file:/" + "//etc/passwd"), "is not an http"),
        (mastfaults.declared(50_000_000_000), "has 50,000,000,000 bytes, more than the 4,000,000"),
    ],
)
def test_what_is_not_the_file_is_refused(
    fault: Fault, complaint: str, client: Client, server: MastServer, served: Served
) -> None:
    server.misbehave("/data/", *[fault] * 4)
    refused(client, served, complaint)


def test_a_server_that_announces_more_than_it_has(
    client: Client, server: MastServer, served: Served
) -> None:
    total = len(served.content) + 1000
    server.misbehave("/data/", *[mastfaults.declared(total)] * 8)
    with pytest.raises(ServiceError, match="broke off 4 times without getting ahead"):
        download(client, served.wanted)
    assert not served.target.exists()


@pytest.mark.parametrize("fault", [mastfaults.dripping(), mastfaults.never_the_same(4_000_000)])
def test_a_server_cannot_hold_a_download_up_for_ever(
    fault: Fault, client: Client, server: MastServer, served: Served
) -> None:
    server.misbehave("/data/", *[fault] * 20)
    with pytest.raises(ServiceError, match="broke off 4 times without getting ahead"):
        download(client, served.wanted)
    assert not served.target.exists()
    assert server.asked("/data/") < 20


def test_an_absurd_length_is_no_length(client: Client, server: MastServer, served: Served) -> None:
    absurd = {"Content-Length": "9" * 5000}
    server.misbehave("/data/", lambda _, reply: replace(reply, headers=absurd))
    assert download(client, served.wanted)
    assert served.target.read_bytes() == served.content


def test_a_server_that_is_never_well(client: Client, server: MastServer, served: Served) -> None:
    server.misbehave("/data/", *[mastfaults.status(500)] * 4)
    refused(client, served, "answered 500 .*; try again later")
    assert server.asked("/data/") == 4


def test_a_file_that_grows_beyond_the_limit_is_dropped(server: MastServer, served: Served) -> None:
    client = Client(replace(quick_options(server), max_file_bytes=300_000))
    server.misbehave("/data/", mastfaults.without_length())
    refused(client, served, r"has sent .* more than the 300,000 .*GPHOTON_DB_MAX_FILE_GB")


def test_a_disk_without_room_is_not_filled(server: MastServer, served: Served) -> None:
    client = Client(replace(quick_options(server), reserve_bytes=10**18))
    refused(client, served, "there is no room for it in .*raw6: .* are free")


def test_a_folder_that_cannot_be_written(client: Client, served: Served) -> None:
    served.wanted.folder.write_text("a file in the way")
    with pytest.raises(ServiceError, match="raw6: cannot be written"):
        download(client, served.wanted)


def test_a_file_that_unpacks_to_more_than_it_may(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(20_000_000)))
    check_gzip(path)
    with pytest.raises(ServiceError, match="holds more than 2 MB unpacked"):
        check_gzip(path, most_bytes=2_000_000)


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory, synthetic_calibration: Path) -> Visit:
    from tests.ingest.mast.visits import small_visit

    return small_visit(tmp_path_factory.mktemp("visit"), synthetic_calibration)


def test_another_eclipse_s_files_are_not_taken_for_ours(
    client: Client, server: MastServer, visit: Visit, tmp_path: Path
) -> None:
    (scst,) = visit.pointing.glob("*scst*")
    server.add_visit(23499, raw6={Band.NUV: visit.raw6}, scst=scst)
    urls = [server.file_url(path) for path in (visit.raw6, visit.raw6, scst)]
    found = locations_in(
        [[1, kind, url] for kind, url in zip(("NUV", "FUV", "scst"), urls, strict=True)], 23499
    )
    with pytest.raises(ServiceError, match="holds eclipse 23500, but 23499 was asked for"):
        fetch_raw6(client, found, Band.NUV, tmp_path / "raw6")
    with pytest.raises(ServiceError, match="its header says eclipse 23500, not 23499"):
        fetch_scst(client, found, tmp_path / "pointing")
    same = replace(found, eclipse=23500)
    with pytest.raises(ServiceError, match="holds band NUV, but FUV was asked for"):
        fetch_raw6(client, same, Band.FUV, tmp_path / "raw6")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_telemetry_that_was_packed_when_it_was_cut_off_already(
    client: Client, server: MastServer, visit: Visit, tmp_path: Path
) -> None:
    content = gzip.decompress(visit.raw6.read_bytes())
    server.add_visit(23500, raw6={Band.NUV: visit.raw6})
    server.misbehave("/data/", mastfaults.content(gzip.compress(content[: len(content) // 2])))
    found = locations_in([[1, "NUV", server.file_url(visit.raw6)]], 23500)
    with pytest.raises(ServiceError, match=r"it is cut off: [\d,]+ events need"):
        fetch_raw6(client, found, Band.NUV, tmp_path / "raw6")
    assert list((tmp_path / "raw6").iterdir()) == []
    assert fetch_raw6(client, found, Band.NUV, tmp_path / "raw6")


@pytest.mark.parametrize(
    "name",
    ["../../x", "/etc/x", "..%2f..%2fx", "a/../../../x", "e23500-nd-raw6.fits.gz/", "x\\..\\y"],
)
def test_the_names_of_the_server_decide_nothing(
    name: str, client: Client, server: MastServer, visit: Visit, tmp_path: Path
) -> None:
    server.add_visit(23500, raw6={Band.NUV: visit.raw6})
    server.misbehave("/", mastfaults.content(visit.raw6.read_bytes(), "application/gzip"))
    found = locations_in([[1, "NUV", f"{server.url}/data/{name}"]], 23500)
    folder = tmp_path / "deep" / "raw6"
    with suppress(ServiceError):  # an address with a backslash is none
        fetch_raw6(client, found, Band.NUV, folder)
    there = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert there <= {"e23500-nd-raw6.fits.gz", "fetched.jsonl"}


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        (mastfaults.content(b"<html>"), "is no FITS file, but begins with '<html>'"),
        (mastfaults.cut(100_000), "does not end with a whole FITS block"),
        (mastfaults.cut(2880 * 20), "not a readable FITS image"),
        (mastfaults.status(404), "answered 404"),
    ],
)
def test_calibration_files_are_looked_into(
    fault: Fault, complaint: str, synthetic_calibration: Path, tmp_path: Path
) -> None:
    with MastServer(synthetic_calibration) as server:
        server.misbehave("NUV_mask", fault)
        client = Client(quick_options(server))
        with pytest.raises(ServiceError, match=complaint):
            fetch_calibration(client, files_for(Band.NUV, 23500)[:2], tmp_path)
        there = {path.name for path in tmp_path.iterdir()}
        assert there == {"NUV_flat.fits", "fetched.jsonl"}
