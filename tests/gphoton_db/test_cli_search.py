"""``gphoton-db search`` as a user types it, and names of objects asked of a server on loopback."""

import csv
import gc
import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO, StringIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from astropy.coordinates.name_resolve import sesame_database, sesame_url
from astropy.table import Table

from gphoton_db.archive import Archive
from gphoton_db.aspect.pointing import VisitMetadata
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.records import BoresightRecord
from gphoton_db.catalogue.visits import KnownVisits
from gphoton_db.errors import ProductError
from gphoton_db.paths import ArchivePaths
from gphoton_db.products.object_names import position_of_object
from tests.gphoton_db.archives import Sources
from tests.gphoton_db.conftest import Cli
from tests.shared import own_copy

SESAME = (
    "# AE Aqr\n#=S=Simbad\n%J 310.0381988 -00.8709528 = 20:40:09.16 -00:52:15.4\n#====Done====\n"
)
"""What the name resolver says, in part."""


class Resolver(BaseHTTPRequestHandler):
    """Knows one object, and breaks at another."""

    def do_GET(self) -> None:
        name = unquote(self.path)
        broken = name.endswith("Broken")
        body = SESAME if name.endswith("AE Aqr") else "#! *** Nothing found ***\n"
        self.send_response(500 if broken else 200)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this test ask servers, on loopback."""
    monkeypatch.setenv("GPHOTON_DB_OFFLINE", "no")


@pytest.fixture
def resolver(online: None) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Resolver) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        with (
            sesame_url.set([f"http://127.0.0.1:{server.server_port}/"]),
            sesame_database.set("simbad"),
        ):
            yield
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def two_visits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that knows two visits; not to be changed."""
    root = tmp_path_factory.mktemp("two-visits") / "archive"
    Archive(root, create=True).close()
    metadata = [VisitMetadata(20000, "MIS", eclipse_start=8e8), VisitMetadata(20001, "AIS")]
    places = [BoresightRecord(20000, 0, 310.1, -1.0), BoresightRecord(20001, 0, 10.0, 10.0)]
    Catalogue(ArchivePaths(root)).note_visits(KnownVisits.of(metadata, places))
    return root


@pytest.fixture
def root(two_visits: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_copy(tmp_path_factory, two_visits)


def test_a_position_with_a_negative_declination(root: Path, cli: Cli) -> None:
    done = cli("--archive", root, "search", "--", "20:40:09.16", "-00:52:15.4")
    assert done.code == 0
    assert "gphoton-db ingest 20000 FUV" in done.out
    assert "2 legs of 1 visit, 2 not ingested" in done.err


@pytest.mark.parametrize("kind", ["csv", "ecsv", "votable", "json"])
def test_formats_on_standard_output(kind: str, root: Path, cli: Cli) -> None:
    out = cli("--archive", root, "search", "--plan", "mis", "--band", "NUV", "--format", kind).out
    match kind:
        case "csv":
            rows = list(csv.DictReader(StringIO(out)))
        case "json":
            rows = json.loads(out)["rows"]
        case "ecsv":
            rows = list(Table.read(out, format="ascii.ecsv"))
        case _:
            rows = list(Table.read(BytesIO(out.encode()), format="votable"))
    (row,) = rows
    assert (int(row["eclipse"]), str(row["band"])) == (20000, "NUV")
    assert float(row["ra0"]) == 310.1


def test_what_is_not_known_is_an_empty_field_of_csv(root: Path, cli: Cli) -> None:
    out = cli("--archive", root, "search", "--eclipses", "20001", "--format", "csv").out
    (row, _) = csv.DictReader(StringIO(out))
    assert (row["t0"], row["utc"], row["exposure"], row["ra0"]) == ("", "", "", "10.0")
    assert "nan" not in out


def test_files_can_go_on_to_other_programs(root: Path, cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    done = cli("--archive", root, "search", "--eclipses", "20000-20001", "--output", path)
    assert done.out.split() == [str(path)]
    assert Table.read(path)["eclipse"].tolist() == [20000, 20000, 20001, 20001]


def test_nothing_found_is_said_plainly(root: Path, cli: Cli, tmp_path: Path) -> None:
    done = cli("--archive", root, "search", "200", "10")
    assert (done.code, "no visit that the archive knows fulfils" in done.err) == (0, True)
    assert json.loads(cli("--archive", root, "search", "200", "10", "--json").out)["rows"] == []
    Archive(tmp_path / "empty", create=True).close()
    empty = cli("--archive", tmp_path / "empty", "search", "200", "10")
    assert "knows no visits yet: gphoton-db pointing import DIR" in empty.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("10", "91"), "declination of 91 deg"),
        (("nan", "0"), "no angle"),
        (("10",), "give both"),
        (("--box", "1,2,3"), "no box"),
        (("--from", "soon"), "no time"),
        (("--eclipses", "few"), "neither an eclipse nor a range"),
        (("--band", "XUV"), "XUV"),
        (("--ingest",), "all that is known would be ingested"),
    ],
)
def test_what_makes_no_sense_is_refused(
    arguments: tuple[str, ...], message: str, root: Path, cli: Cli
) -> None:
    done = cli("--archive", root, "search", *arguments)
    assert done.code in (1, 2)
    assert message in " ".join(done.err.replace("│", " ").split())


def test_the_name_of_an_object(root: Path, cli: Cli, resolver: None) -> None:
    done = cli("--archive", root, "search", "object", "AE Aqr", "--band", "NUV")
    assert done.code == 0
    assert "AE Aqr: ra 310.038199, dec -0.870953" in done.err
    assert "gphoton-db ingest 20000 NUV" in done.out


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_names_that_cannot_be_had_are_errors(resolver: None) -> None:
    for name in ("Nobody Knows", "Broken"):
        with pytest.raises(ProductError, match=f"no position of '{name}'"):
            position_of_object(name)
    with pytest.raises(ProductError, match="has no name"):
        position_of_object(" ")
    gc.collect()  # astropy leaves the refusal of a server open


def test_without_a_network_it_says_so(root: Path, cli: Cli, online: None) -> None:
    done = cli("--archive", root, "search", "object", "AE Aqr", "--offline")
    assert done.code == 1
    assert "cannot be asked for offline: give it as RA DEC" in done.err
    with sesame_url.set(["http://127.0.0.1:9/"]):
        done = cli("--archive", root, "search", "object", "AE Aqr")
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith("error: no position of 'AE Aqr'")


def test_what_is_found_is_ingested_and_failures_are_listed(
    root: Path, cli: Cli, nuv: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of four bands has telemetry."""
    place = [BoresightRecord(nuv.eclipse, leg, 323.5 + leg, -2.0) for leg in (0, 1)]
    Catalogue(ArchivePaths(root)).note_visits(KnownVisits.of(boresights=place))
    shutil.copytree(nuv.raw6.parent, root / "raw6")
    shutil.copytree(nuv.pointing, root / "pointing")
    monkeypatch.setenv("GPHOTON_DB_CALIBRATION", str(nuv.calibration))
    command = ("--archive", root, "search", "--eclipses", "20001-23500", "--offline", "--ingest")
    first = cli(*command)
    assert first.code == 3, first.err
    assert "1 ingested; 3 failed" in first.err
    assert "failed: e20001 NUV: eclipse 20001 NUV cannot be ingested offline" in first.err
    report = json.loads(cli(*command, "--band", "NUV", "--json").out)
    assert [each["eclipse"] for each in report["failures"]] == [20001]
    done = cli("--archive", root, "search", "323.5", "-2.0", "--band", "NUV", "--ingest")
    assert (done.code, "nothing to ingest" in done.err) == (0, True)
    with Archive(root) as archive:
        assert {(leg.eclipse, leg.band) for leg in archive.legs()} == {(nuv.eclipse, "NUV")}
