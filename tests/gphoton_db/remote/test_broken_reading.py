"""Servers that fail: an error that names the file, no wrong numbers, and all is well afterwards."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import ArchiveError
from tests.examples import deep
from tests.gphoton_db.remote.conftest import PLACE, assert_same
from tests.rangeserver import Fault, Handler, RangeServer, died, forbidden, send, truncated


def whole(handler: Handler, content: bytes) -> None:
    """Answer as a server does that knows no parts."""
    send(handler, 200, content, {})


def shifted(handler: Handler, content: bytes) -> None:
    """Send another part than was asked for."""
    headers = {"Content-Range": f"bytes 1-{len(content)}/{10 * len(content) + 7}"}
    send(handler, 206, content, headers)


FAULTS: dict[Fault, str] = {
    died: "after 4 attempts ConnectionError",
    truncated: "after 4 attempts (ChunkedEncodingError|[0-9,]+ bytes)",
    forbidden: r"may not be read \(403 Forbidden\)",
    whole: "sends whole files",
    shifted: "came in the place of",
}

ACTS: dict[str, Callable[[Archive], Any]] = {
    "lightcurve": lambda archive: archive.lightcurve(*PLACE, bands="NUV"),
    "sql": lambda archive: archive.query("FROM lightcurve(?, ?)", list(PLACE)),
    "events": lambda archive: archive.events(*PLACE, 60),
    "image": lambda archive: archive.image(23500, "NUV", 0),
}


CASES: list[tuple[Fault, str, int]] = [(died, act, 0) for act in ACTS]
CASES += [(fault, "lightcurve", 3) for fault in FAULTS]
CASES += [(died, act, 3) for act in ACTS if deep()]
CASES += [(truncated, "sql", 5)]


def test_what_cannot_be_read_is_an_error_at_any_request(
    server: RangeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, (fault, act, first) in enumerate(CASES):
        # What was fetched before does not help.
        monkeypatch.setenv("GPHOTON_DB_CACHE", str(tmp_path / str(number)))
        with Archive(server.address) as archive:
            server.misbehave(fault, first)
            with pytest.raises(ArchiveError, match=FAULTS[fault]) as error:
                ACTS[act](archive)
        assert str(error.value).startswith(f"{server.address}/")
        assert "\n" not in str(error.value)
        server.forget()


def test_a_file_that_was_cut_off_and_is_mended_is_read(published_copy: Path, full: Archive) -> None:
    for kind in ("photons", "seconds"):
        path = next(published_copy.glob(f"{kind}/**/*.parquet"))
        content = path.read_bytes()
        with RangeServer(published_copy) as server:
            path.write_bytes(content[: len(content) // 2])
            with Archive(server.address) as archive, pytest.raises(ArchiveError, match="cut off"):
                archive.lightcurve(*PLACE)
            path.write_bytes(content)
            with Archive(server.address) as archive:
                assert_same(archive.lightcurve(*PLACE), full.lightcurve(*PLACE))


def unnumbered(handler: Handler, content: bytes) -> None:
    """Say of the length of an answer what is no number."""
    handler.send_response(200)
    handler.send_header("Content-Length", "many")
    handler.end_headers()
    handler.close_connection = True


def test_a_length_that_is_none_is_a_broken_answer(server: RangeServer) -> None:
    server.misbehave(unnumbered)
    with pytest.raises(ArchiveError, match="after 4 attempts 0 of many bytes came"):
        Archive(server.address)


def test_all_is_well_when_the_server_is(server: RangeServer, full: Archive) -> None:
    with Archive(server.address) as archive:
        server.misbehave(died, 4)
        with pytest.raises(ArchiveError):
            archive.lightcurve(*PLACE)
        server.forget()
        assert_same(archive.lightcurve(*PLACE), full.lightcurve(*PLACE))


def test_an_answer_that_is_broken_once_is_asked_for_again(
    server: RangeServer, full: Archive
) -> None:
    def once(handler: Handler, content: bytes) -> None:
        server.fault = None
        died(handler, content)

    with Archive(server.address) as archive:
        server.misbehave(once, 3)
        assert_same(archive.lightcurve(*PLACE), full.lightcurve(*PLACE))


def test_a_file_that_is_gone_is_named(published_copy: Path) -> None:
    gone = next(published_copy.glob("photons/band=NUV/*/leg=0/*"))
    gone.unlink()
    name = gone.relative_to(published_copy).as_posix()
    with RangeServer(published_copy) as server, Archive(server.address) as archive:
        for act in ("lightcurve", "sql", "image"):
            with pytest.raises(ArchiveError, match="is not there") as error:
                ACTS[act](archive)
            assert f"{server.address}/{name}" in str(error.value)


def test_a_file_that_is_damaged_or_cut_off_is_named(published_copy: Path) -> None:
    file = next(published_copy.glob("photons/band=NUV/*/leg=0/*"))
    content = file.read_bytes()
    altered = bytearray(content)
    for place in range(100, len(content) - 100_000, 1000):
        altered[place] ^= 1
    for wrong in (bytes(altered), content[:-50_000]):
        file.write_bytes(wrong)
        with RangeServer(published_copy) as server, Archive(server.address) as archive:
            with pytest.raises(ArchiveError, match="cannot be read: ") as error:
                ACTS["image"](archive)
            assert f"{server.address}/photons" in str(error.value)
            assert "publish it again" in str(error.value)


def test_a_catalogue_that_is_another_one_is_not_opened(published_copy: Path) -> None:
    (catalogue,) = published_copy.glob("gphoton-*.duckdb")
    catalogue.write_bytes(catalogue.read_bytes()[:-1] + b"x")
    with RangeServer(published_copy) as server:
        with pytest.raises(ArchiveError, match=r"is not the catalogue that gphoton\.json names"):
            Archive(server.address)
        (published_copy / "gphoton.json").write_text('{"format": 1}')
        with pytest.raises(ArchiveError, match="does not say which catalogue counts"):
            Archive(server.address)
    with pytest.raises(ArchiveError, match="after 4 attempts ConnectionError"):
        Archive(server.address)
