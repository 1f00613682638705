"""Attacks: nobody without the token, no other page, no other name, and no number that is none."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from gphoton_db.archive import Archive
from gphoton_db.serve.connections import TimedProtocol
from gphoton_db.serve.server import Server
from tests.gphoton_db.serve.conftest import Client
from tests.gphoton_db.serve.test_sky import fullest

CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:"


def test_the_first_address_gives_a_cookie_and_hides_the_token(client: Client) -> None:
    reply = client.ask("GET", f"/?token={client.token}", cookie=False)
    assert (reply.status, reply.headers["location"]) == (303, "/")
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith(client.cookie)
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))


@pytest.mark.parametrize(
    "path", ["/", "/api/info", "/api/tile?band=NUV&order=8&npix=1", "/hips/NUV/properties", "/x.js"]
)
def test_without_the_token_there_is_nothing(client: Client, path: str) -> None:
    reply = client.ask("GET", path, cookie=False)
    assert (reply.status, "token" in reply.error) == (403, True)
    wrong = client.ask("GET", path, headers={"Cookie": client.cookie[:-1]}, cookie=False)
    assert wrong.status == 403


@pytest.mark.parametrize("token", ["", "x", "%00", "é", "a" * 5000])
def test_a_wrong_token_is_refused(client: Client, token: str) -> None:
    path = f"/?token={token}".encode("ascii", "xmlcharrefreplace").decode().replace(";", "%3B")
    reply = client.ask("GET", path)
    assert reply.status == 403
    assert "set-cookie" not in reply.headers


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil:{port}"],
)
def test_another_name_that_leads_here_is_refused(client: Client, host: str) -> None:
    reply = client.ask("GET", "/api/info", headers={"Host": host.format(port=client.port)})
    assert (reply.status, "another name" in reply.error) == (403, True)


@pytest.mark.parametrize("host", ["localhost:{port}", "LOCALHOST:{port}", "[::1]:{port}"])
def test_names_of_loopback_are_known(client: Client, host: str) -> None:
    reply = client.ask("GET", "/api/info", headers={"Host": host.format(port=client.port)})
    assert reply.status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:{port}"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_page_is_refused(client: Client, origin: str, method: str) -> None:
    headers = {"Origin": origin.format(port=client.port)}
    body = {"sql": "SELECT 1"} if method == "POST" else None
    path = "/api/sql" if method == "POST" else "/api/info"
    reply = client.ask(method, path, headers=headers, body=body)
    assert (reply.status, reply.error) == (403, "another page cannot ask here")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_a_browser_says_of_another_site_is_believed(client: Client, site: str) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
    assert client.ask("GET", "/api/info", headers=headers).status == 403
    headers["Sec-Fetch-Mode"] = "navigate"
    assert client.ask("GET", "/api/info", headers=headers).status == 403
    own = client.ask("GET", "/api/info", headers={"Sec-Fetch-Site": "same-origin"})
    assert own.status == 200


def test_a_link_on_another_site_opens_the_page(client: Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    reply = client.ask("GET", f"/?token={client.token}", headers=headers, cookie=False)
    assert (reply.status, b"url=/" in reply.content) == (200, True)
    assert reply.headers["set-cookie"].startswith(client.cookie)


@pytest.mark.parametrize("path", ["/api/info", "/api/tile?band=x", "/nothing"])
def test_every_answer_has_the_headers_that_keep_others_out(client: Client, path: str) -> None:
    for cookie in (True, False):
        headers = client.ask("GET", path, cookie=cookie).headers
        policy = headers["content-security-policy"]
        assert policy.startswith(CSP)
        assert "unsafe" not in policy
        assert policy.endswith("frame-ancestors 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/../pyproject.toml",
        "/..%2f..%2fapp.py",
        "/%2e%2e/app.py",
        "/page/../app.py",
        "//etc/passwd",
        "/etc/passwd",
        "/..%5capp.py",
        "/index.html%00.js",
        "/hips/NUV/../../api/info",
        "/hips/NUV/Norder3/Dir0/Npix../../0.fits",
        "/key/wrong/hips/NUV/properties",
    ],
)
def test_no_path_leads_out(client: Client, path: str) -> None:
    reply = client.ask("GET", path)
    assert reply.status in (403, 404)
    assert "error" in reply.json()


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/api/tile?band=NUV&order=8&npix=nan", "npix"),
        ("/api/tile?band=NUV&order=8&npix=1e3", "npix"),
        ("/api/tile?band=NUV&order=8&npix=-1", "npix"),
        ("/api/tile?band=NUV&order=8&npix=786432", "npix"),
        ("/api/tile?band=NUV&order=2&npix=0", "order"),
        ("/api/tile?band=NUV&order=12&npix=0", "order"),
        ("/api/tile?band=XUV&order=8&npix=0", "band"),
        ("/api/tile?band=NUV&order=8&npix=0&plane=x", "plane"),
        ("/api/tile?band=NUV&order=8&npix=0&t0=nan&t1=1", "t0"),
        ("/api/tile?band=NUV&order=8&npix=0&t0=5", "t1"),
        ("/api/tile?band=NUV&order=8&npix=0&t0=5&t1=5", "t0"),
        ("/api/tile?band=NUV&order=8&npix=0&leg=../1", "leg"),
        ("/api/tile?band=NUV&order=8&npix=0&path=/etc/passwd", "path"),
        ("/api/tile?band=NUV&band=FUV&order=8&npix=0", "band"),
        ("/api/lightcurve?ra=nan&dec=0", "ra"),
        ("/api/lightcurve?ra=inf&dec=0", "ra"),
        ("/api/lightcurve?ra=1e999&dec=0", "ra"),
        ("/api/lightcurve?ra=1_0&dec=0", "ra"),
        ("/api/lightcurve?ra=361&dec=0", "ra"),
        ("/api/lightcurve?ra=10&dec=90.1", "dec"),
        ("/api/lightcurve?ra=10", "dec"),
        ("/api/lightcurve?ra=323.5&dec=-2&radius=0", "radius"),
        ("/api/lightcurve?ra=323.5&dec=-2&radius=1e9", "radius"),
        ("/api/lightcurve?ra=323.5&dec=-2&annulus=20", "annulus"),
        ("/api/lightcurve?ra=323.5&dec=-2&annulus=40,20", "annulus"),
        ("/api/lightcurve?ra=323.5&dec=-2&annulus=nan,20", "annulus"),
        ("/api/lightcurve?ra=323.5&dec=-2&step=0", "step"),
        ("/api/lightcurve?ra=323.5&dec=-2&step=nan", "step"),
        ("/api/lightcurve?ra=323.5&dec=-2&bands=NUV,X", "bands"),
        ("/api/events?ra=323.5&dec=-2&radius=1e9", "radius"),
        ("/api/events?ra=323.5&dec=-2&limit=100000000", "limit"),
        ("/api/events?ra=323.5&dec=-2&format=exe", "format"),
        ("/api/export/image?band=NUV&ra=323.5&dec=-2&size=200", "size"),
        ("/api/export/image?band=NUV&ra=323.5&dec=-2&size=0", "size"),
        ("/api/sources?ra=0&dec=0&radius=nan", "radius"),
        ("/api/sources?order=ra;DROP", "order"),
        ("/api/sources?limit=0", "limit"),
        ("/api/name?q=" + "9" * 300, "q"),
        ("/api/coverage?band=", "band"),
    ],
)
def test_what_is_no_value_is_refused_in_words(client: Client, path: str, says: str) -> None:
    reply = client.ask("GET", path)
    assert reply.status == 400, reply.content
    assert reply.error.startswith(says) or says in reply.error


def test_a_step_that_makes_a_million_bins_is_refused(client: Client, served: Archive) -> None:
    leg = served.legs()[0]
    reply = client.get("/api/lightcurve", ra=leg.ra0, dec=leg.dec0, step=0.0051)
    assert reply.status == 200
    assert client.get("/api/lightcurve", ra=leg.ra0, dec=leg.dec0, step=0.004).status == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
def test_other_methods_are_refused(client: Client, method: str) -> None:
    assert client.ask(method, "/api/info").status in (404, 405)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{}", {}, 400),
        (b"[1]", {}, 400),
        (b"{", {}, 400),
        (b"[" * 60_000, {}, 400),
        (b"\xff\xfe", {}, 400),
        (b'{"sql": 5}', {}, 400),
        (b'{"sql": "SELECT \'\\ud800\'"}', {}, 400),
        (b'{"sql": "SELECT 1", "\\ud800": 1}', {}, 400),
        (b'{"sql": "SELECT 1", "file": "x"}', {}, 400),
        (b'{"sql": "SELECT 1"}', {"Content-Type": "text/plain"}, 400),
        (b'{"sql": "' + b"x" * 100_000 + b'"}', {}, 413),
    ],
)
def test_bodies_that_are_none_are_refused(
    client: Client, body: bytes, headers: dict[str, str], status: int
) -> None:
    assert client.ask("POST", "/api/sql", body=body, headers=headers).status == status


def test_a_head_without_end_is_refused(client: Client) -> None:
    with socket.create_connection(("127.0.0.1", client.port), timeout=20) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n" + b"X-Long: " + b"a" * 40_000)
        assert connection.recv(4096).startswith(b"HTTP/1.1 400")


def test_slow_clients_are_let_go(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TimedProtocol, "sending_s", 0.3)
    for begun in (b"", b"GET / HT", b"POST /api/sql HTTP/1.1\r\nContent-Length: 100\r\n\r\nabc"):
        with socket.create_connection(("127.0.0.1", client.port), timeout=20) as connection:
            connection.sendall(begun)
            start = time.monotonic()
            try:
                while connection.recv(4096):
                    continue
            except ConnectionResetError:
                assert True
            assert time.monotonic() - start < 10


def test_a_client_that_takes_nothing_is_let_go(
    client: Client, served: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TimedProtocol, "taking_s", 0.3)
    n_tiles = 20
    tile, _ = fullest(served, "NUV", 8)
    client.get("/api/tile", band="NUV", order=8, npix=tile)
    ask = f"GET /api/tile?band=NUV&order=8&npix={tile} HTTP/1.1\r\nHost: {client.host}\r\n"
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(20)
        connection.connect(("127.0.0.1", client.port))
        # More than the buffers of both ends hold.
        connection.sendall(f"{ask}Cookie: {client.cookie}\r\n\r\n".encode() * n_tiles)
        time.sleep(1.5)
        received = 0
        try:
            while part := connection.recv(65_536):
                received += len(part)
        except ConnectionResetError:
            received += 0
    assert received < n_tiles * 512 * 512 * 4


def test_two_hundred_tiles_at_once_are_answered_in_bounded_memory(
    client: Client, served: Archive, server: Server
) -> None:
    tile, _ = fullest(served, "NUV", 8)
    paths = [f"/api/tile?band=NUV&order=8&npix={tile + k % 3}" for k in range(200)]
    with ThreadPoolExecutor(50) as executor:
        replies = list(executor.map(lambda path: client.ask("GET", path), paths))
    assert {reply.status for reply in replies} <= {200, 204}
    assert len({reply.content for reply in replies}) == 3
    kept = server.served.tiles.photons.n_bytes
    photons = sum(leg.n_photons for leg in served.legs())
    assert 0 < kept <= min(12.5 * photons + 100_000, server.served.options.memory_bytes)
