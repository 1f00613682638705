"""The server as a whole: commits that it sees, fields anywhere, archives afar, notebooks."""

import shutil
import signal
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import ArchiveError, SettingsError
from gphoton_db.serve.options import ServeOptions
from gphoton_db.serve.server import Server, warn_of_others
from gphoton_db.serve.tile_files import TileFiles
from tests.archives import MakeArchive, SessionArchive
from tests.gphoton_db.archives import Sources, ingest
from tests.gphoton_db.conftest import Cli
from tests.gphoton_db.serve.conftest import Client, started
from tests.gphoton_db.serve.test_sky import fullest, pixels_of
from tests.rangeserver import RangeServer


def test_a_commit_is_seen_without_a_restart(fuv_root: Path, nuv: Sources, tmp_path: Path) -> None:
    root = Path(shutil.copytree(fuv_root, tmp_path / "archive"))
    with started(root, tmp_path) as server:
        client = Client(server)
        before = client.get("/api/info").json()
        assert client.sql("SELECT count(*) FROM legs").json()["rows"] == [[2]]
        assert client.get("/api/tile", band="NUV", order=3, npix=0).status == 204
        with Archive(root) as archive:
            ingest(archive, nuv)
            tile, weight = fullest(archive, "NUV", 8)
        after = client.get("/api/info").json()
        assert (before["bands"], after["bands"]) == (["FUV"], ["NUV", "FUV"])
        assert after["generation"] != before["generation"]
        values = pixels_of(client.get("/api/tile", band="NUV", order=8, npix=tile).content)
        assert np.nansum(values, dtype=np.float64) == pytest.approx(weight, rel=1e-6)
        assert client.sql("SELECT count(*) FROM legs").json()["rows"] == [[4]]


def test_an_archive_that_is_gone_or_is_none_any_more_is_said(
    fuv_root: Path, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(fuv_root, tmp_path / "archive"))
    asked = ("/api/info", "/api/legs", "/api/coverage?band=FUV", "/api/sources", "/api/name?q=1+2")
    with started(root, tmp_path) as server:
        client = Client(server)
        legs = client.get("/api/legs").json()
        root.rename(tmp_path / "moved")
        assert [client.ask("GET", path).status for path in asked] == [409] * len(asked)
        root.mkdir()
        (root / "gphoton.duckdb").write_bytes(b"another thing")
        assert [client.ask("GET", path).status for path in asked] == [409] * len(asked)
        assert client.sql("SELECT 1").status == 409
        shutil.rmtree(root)
        (tmp_path / "moved").rename(root)
        assert client.get("/api/legs").json() == legs


@pytest.mark.parametrize(
    "name", ["across_ra_0", pytest.param("near_the_pole", marks=pytest.mark.deep)]
)
def test_fields_anywhere_are_shown(
    session_archive: MakeArchive, serve_home: Path, name: str
) -> None:
    root = session_archive(name).archive_path
    with started(root, serve_home) as server, Archive(root) as archive:
        client = Client(server)
        tile, weight = fullest(archive, "NUV", 6)
        values = pixels_of(client.get("/api/tile", band="NUV", order=6, npix=tile).content)
        assert np.nansum(values, dtype=np.float64) == pytest.approx(weight, rel=1e-6)
        (leg,) = client.get("/api/coverage", band="NUV").json()["legs"]
        corners = np.array(leg["outline"][0])
        assert ((corners[:, 0] >= 0) & (corners[:, 0] < 360.0)).all()
        record = archive.legs()[0]
        curve = client.get("/api/lightcurve", ra=record.ra0, dec=record.dec0, step="visit").json()
        assert len(curve["bands"]["NUV"]) == 1
        assert curve["bands"]["FUV"] == []


def test_an_archive_without_visits_is_served(tmp_path: Path) -> None:
    Archive(tmp_path / "archive", create=True).close()
    with started(tmp_path / "archive", tmp_path) as server:
        client = Client(server)
        info = client.get("/api/info").json()
        assert (info["legs"], info["bands"]) == (0, [])
        none = {"legs": [], "truncated": False}
        assert client.get("/api/legs").json() == none
        assert client.get("/api/coverage", band="NUV").json() == none
        assert info["begin"] is None
        assert client.get("/api/tile", band="NUV", order=3, npix=5).status == 204
        assert client.get("/api/lightcurve", ra=1, dec=2).status == 404
        assert client.get("/hips/NUV/properties").status == 404
        assert client.sql("SELECT count(*) FROM photons").json()["rows"] == [[0]]


def test_what_was_published_is_served(
    two_bands: SessionArchive, client: Client, served: Archive, tmp_path: Path
) -> None:
    served.publish(tmp_path / "published")
    with pytest.MonkeyPatch.context() as patch, RangeServer(tmp_path / "published") as web:
        patch.setenv("GPHOTON_DB_CACHE", str(tmp_path / "kept"))
        with started(Path(web.address), tmp_path) as server:
            afar = Client(server)
            tile, _ = fullest(served, "FUV", 8)
            asked = {"band": "FUV", "order": 8, "npix": tile, "plane": "intensity"}
            here = client.get("/api/tile", **asked).content
            assert afar.get("/api/tile", **asked).content == here
            rows = "SELECT band, n_photons FROM legs ORDER BY band"
            assert afar.sql(rows).json()["rows"] == client.sql(rows).json()["rows"]


def test_photons_in_memory_are_bounded(
    two_bands: SessionArchive, served: Archive, tmp_path: Path
) -> None:
    largest = max(leg.n_photons for leg in served.legs())
    with started(two_bands.archive_path, tmp_path, memory_mb=1) as server:
        photons = server.served.tiles.photons
        photons._most_bytes = 12 * largest + 100_000  # room for one of the two legs
        client = Client(server)
        for band in ("NUV", "FUV", "NUV"):
            tile, weight = fullest(served, band, 8)
            reply = client.get("/api/tile", band=band, order=8, npix=tile, plane="count")
            found = np.nansum(pixels_of(reply.content), dtype=np.float64)
            assert found == pytest.approx(weight, rel=1e-6)
            assert photons.n_bytes <= photons._most_bytes
        photons._most_bytes = 1000  # none fits: read for each tile
        number = fullest(served, "NUV", 7)[0]
        reply = client.get("/api/tile", band="NUV", order=7, npix=number)
        assert np.nansum(pixels_of(reply.content)) > 0


def test_the_first_view_is_prepared(two_bands: SessionArchive, tmp_path: Path) -> None:
    with started(two_bands.archive_path, tmp_path) as server:
        served = server.served
        begin = served.archive.legs().begin
        assert begin is not None
        assert (begin.band, served.tiles.photons.n_bytes) == ("NUV", 0)
        served.prepare()
        assert served.tiles.photons.n_bytes > 12 * 0.5 * begin.n_photons
    served.prepare()  # what cannot be read is told when it is asked for


def test_tiles_on_disk_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gphoton_db.serve.tile_files._LOOKED_AFTER", 4)
    files = TileFiles(tmp_path, 5000)
    noise = np.random.default_rng(1).random(512 * 512, np.float32)
    for number in range(5):
        files.write(f"tile-{number:02d}", noise[:0] if number % 2 else noise)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.tile")) < 5000
    files.write("tile-05", noise)
    np.testing.assert_array_equal(files.read("tile-05"), noise)
    assert files.read("tile-00") is None


def test_the_page_in_a_notebook(two_bands: SessionArchive) -> None:
    with Archive(two_bands.archive_path) as archive:
        view = archive.view(height=500)
        try:
            shown = view._repr_html_()
            assert f'<iframe src="{view.address}"' in shown
            assert "localhost" in view.address
            client = Client(view._server)
            reply = client.ask("GET", f"/?token={client.token}", cookie=False)
            policy = reply.headers["content-security-policy"]
            assert policy.endswith("frame-ancestors http://localhost:* http://127.0.0.1:*")
            assert "x-frame-options" not in reply.headers
        finally:
            view.close()
        with pytest.raises(ConnectionRefusedError):
            client.get("/api/info")


def test_without_an_archive_there_is_no_server(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="there is no archive"):
        started(tmp_path / "none", tmp_path)


def test_a_port_that_is_taken_is_said(two_bands: SessionArchive, server: Server, cli: Cli) -> None:
    done = cli("--archive", two_bands.archive_path, "serve", "--port", server.port, "--no-browser")
    assert done.code == 1
    assert f"127.0.0.1 port {server.port} cannot be had" in done.err


@pytest.mark.parametrize("options", [{"port": 70_000}, {"memory_mb": 0}])
def test_options_are_checked(options: dict[str, int]) -> None:
    with pytest.raises(SettingsError):
        ServeOptions(**options)  # type: ignore[arg-type]


def test_other_commands_import_no_server(two_bands: SessionArchive) -> None:
    code = (
        "import sys\n"
        "from gphoton_db.archive import Archive\n"
        "import gphoton_db.cli.serve\n"
        f"archive = Archive({str(two_bands.archive_path)!r})\n"
        "archive.query('SELECT count(*) FROM legs')\n"
        "print(sorted({'starlette', 'uvicorn', 'anyio', 'h11'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_missing_extra_is_named(
    two_bands: SessionArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gphoton_db.serve.server.find_spec", lambda name: None)
    with (
        Archive(two_bands.archive_path) as archive,
        pytest.raises(SettingsError, match=r"pip install 'gphoton-db\[web\]'"),
    ):
        archive.view()


def test_the_command_says_the_address_and_ends_with_ctrl_c(two_bands: SessionArchive) -> None:
    archive = str(two_bands.archive_path)
    command = [sys.executable, "-m", "gphoton_db", "--archive", archive, "serve"]
    with subprocess.Popen(
        [*command, "--port", "0", "--no-browser"], stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        lines = iter(running.stdout.readline, "")
        address = next(line for line in lines if line.startswith("http://127.0.0.1:"))
        found = urlsplit(address.strip())
        connection = HTTPConnection("127.0.0.1", found.port or 0, timeout=60)
        connection.request("GET", f"{found.path}?{found.query}")
        assert connection.getresponse().status == 303
        connection.close()
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 0


def test_a_server_for_others_says_so_and_knows_no_other_names(
    two_bands: SessionArchive, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with started(two_bands.archive_path, tmp_path, host="0.0.0.0") as server:
        client = Client(server)
        for host, status in (("192.0.2.1", 200), ("localhost", 200), ("evil.example", 403)):
            headers = {"Host": f"{host}:{server.port}", "Origin": f"http://{host}:{server.port}"}
            assert client.ask("GET", "/api/info", headers=headers).status == status
        warn_of_others(server.served.options)
    assert "can reach this server from elsewhere" in caplog.text
