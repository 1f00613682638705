"""What is read of an archive over HTTP: the same as here, in few requests, and each part once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.table import Table

from gphoton_db.archive import Archive
from gphoton_db.errors import ArchiveError, QueryError
from gphoton_db.remote import kept
from gphoton_db.remote.pointer import POINTER, Pointer
from gphoton_db.remote.store import TAIL
from tests.gphoton_db.conftest import Cli
from tests.gphoton_db.remote.conftest import PLACE, assert_same
from tests.gphoton_db.remote.test_publish import change
from tests.rangeserver import RangeServer

CURVE = "SELECT * FROM lightcurve(?, ?, step := 5) ORDER BY ALL"


def catalogue_of(server: RangeServer) -> str:
    return Pointer.from_json((server.folder / POINTER).read_bytes(), server.address).catalogue


def assert_nothing_is_read_whole(server: RangeServer) -> None:
    for request in server.requests:
        size = (server.folder / request.name).stat().st_size  # a folder would be an error
        assert request.part is not None
        assert request.n_bytes < size or size <= TAIL
        assert request.method == "GET"


def test_a_light_curve_takes_few_requests_and_none_the_second_time(
    server: RangeServer, full: Archive
) -> None:
    with Archive(server.address) as archive:
        assert [request.name for request in server.requests] == [POINTER, catalogue_of(server)]
        server.forget()
        found = archive.lightcurve(*PLACE, bands="NUV", step=5)
        assert_same(found, full.lightcurve(*PLACE, bands="NUV", step=5))
        assert 0 < len(server.requests) <= 12
        assert server.n_bytes < 600_000
        assert_nothing_is_read_whole(server)
        server.forget()
        assert_same(archive.lightcurve(*PLACE, bands="NUV", step=5), found)
        assert archive.query(CURVE, list(PLACE)).table.num_rows > 0
        here = full.query(CURVE, list(PLACE)).table
        assert archive.query(CURVE, list(PLACE)).table.equals(here)
        n_of_sql = len(server.requests)
        archive.query(CURVE, list(PLACE))
        assert len(server.requests) == n_of_sql < 12
        assert_nothing_is_read_whole(server)
    server.forget()
    with Archive(server.address) as archive:  # another session: footers are here
        assert len(server.requests) == 1
        archive.lightcurve(*PLACE, bands="NUV", step=5)
        assert len(server.requests) <= 6


def test_cones_and_images_read_parts_once(server: RangeServer, full: Archive) -> None:
    cone = f"SELECT count(*) FROM cone({PLACE[0]}, {PLACE[1]}, 60)"
    with Archive(server.address) as archive:
        for most in (12, 0):
            server.forget()
            assert archive.query(cone).rows() == full.query(cone).rows()
            assert len(server.requests) <= most
        server.forget()
        archive.image(23500, "NUV", 0)
        assert len(server.requests) <= 20
        assert server.n_bytes < 2_000_000
        assert_nothing_is_read_whole(server)
        parts = [(request.name, request.part) for request in server.requests]
        assert len(set(parts)) == len(parts) > 0


def image_of(archive: Archive) -> Any:
    image = archive.image(23500, "NUV", 0)
    return [image.count, image.flag, image.header["EXPT_0"]]


PRODUCTS: dict[str, Callable[[Archive], Any]] = {
    "events": lambda a: a.events(*PLACE, 60),
    "find": lambda a: a.find(*PLACE),
    "search": lambda a: a.search(ra=PLACE[0], dec=PLACE[1]),
    "exposure": lambda a: a.exposure(23500, "NUV", 0),
    "image": image_of,
    "map": lambda a: [np.asarray(each.intensity) for each in a.map(*PLACE, size=0.02)],
    "legs": lambda a: a.legs(),
    "status": lambda a: a.status(),
    "named query": lambda a: a.named_query("archive_totals").rows(),
    "sources": lambda a: a.query("SELECT * FROM sources").rows(),
    "photons": lambda a: a.query(
        "SELECT band, count(*), avg(ra), sum(response) FROM photons WHERE flags = 0 GROUP BY ALL "
        "ORDER BY ALL"
    ).rows(),
}


def test_products_are_the_same_as_here(server: RangeServer, full: Archive) -> None:
    with Archive(server.address) as archive:
        for name, make in PRODUCTS.items():
            found, expected = make(archive), make(full)
            if isinstance(expected, Table):
                assert_same(found, expected)
            else:
                np.testing.assert_equal(found, expected, name)


def test_rows_come_as_a_stream(server: RangeServer, full: Archive) -> None:
    sql = "SELECT t_ms, ra FROM photons WHERE flags = 0"
    with Archive(server.address) as archive, archive.stream(sql) as stream:
        assert sum(len(batch) for batch in stream.batches) == full.query(sql).table.num_rows


def test_statements_see_nothing_else(server: RangeServer, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a\n1\n")
    with Archive(server.address) as archive:
        for place in (other, "gphoton://other/x.csv", f"{server.address}/gphoton.json"):
            with pytest.raises(Exception, match=r"(?i)cannot access|disabled"):
                archive.query(f"FROM read_csv('{place}')")


def test_commands_read_from_an_address(
    cli: Cli, server: RangeServer, full_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    place = [f"{value}" for value in PLACE]
    for words in (
        ("sql", "SELECT count(*) AS n FROM photons", "--format", "csv"),
        ("query", "archive_totals"),
        ("describe", "photons"),
        ("lightcurve", *place, "--band", "NUV"),
    ):
        found = cli("--archive", server.address, *words)
        assert (found.code, found.out) == (0, cli("--archive", full_root, *words).out), found.err
    status = json.loads(cli("--archive", f"{server.address}/", "status", "--json").out)
    assert (status["archive"], status["totals"] != []) == (server.address, True)
    made = cli("--archive", server.address, "exposure", "23500", "NUV", "--leg", "0", "--json")
    (file,) = json.loads(made.out)["files"]
    assert (tmp_path / file).is_relative_to(tmp_path / "products")
    assert (tmp_path / file).is_file()


def test_commands_that_write_are_refused(cli: Cli, server: RangeServer) -> None:
    for words in (
        ("ingest", "23500", "NUV"),
        ("run", "23500", "NUV"),
        ("compact",),
        ("verify",),
        ("cache",),
        ("photometry", "23500", "NUV", "--leg", "0"),
        ("calibration", "fetch"),
        ("pointing", "fetch", "23500"),
        ("publish", "somewhere"),
        ("demo",),
    ):
        done = cli("--archive", server.address, *words)
        assert done.code == 1, words
        said = f"{server.address}: an archive that is read from afar cannot be changed"
        assert said in done.err, words


def test_entries_that_would_be_kept_nowhere_are_not_made(cli: Cli, server: RangeServer) -> None:
    done = cli("--archive", server.address, "catalogue", "23500")
    assert done.code == 1
    assert f"{server.address}: an archive that is read from afar keeps no entries" in done.err


def test_an_error_of_duckdb_names_the_address(server: RangeServer) -> None:
    with Archive(server.address) as archive:
        sql = "SELECT error(getvariable('gphoton_root') || '/photons') FROM legs"
        with pytest.raises(QueryError, match="/photons") as error:
            archive.query(sql)
    assert f"{server.address}/photons" in str(error.value)
    assert "gphoton://" not in str(error.value)


def test_the_doctor_calls_it_by_its_address(cli: Cli, server: RangeServer) -> None:
    assert f"archive: {server.address}: 1 leg" in cli("--archive", server.address, "doctor").out


def test_who_has_it_open_keeps_its_version(full_copy: Path, published_copy: Path) -> None:
    with RangeServer(published_copy) as server, Archive(server.address) as archive:
        assert archive.query("FROM products").rows() == []
        change(full_copy)
        with Archive(full_copy) as here:
            here.publish(published_copy)
        assert archive.query("FROM products").rows() == []
        with Archive(server.address) as newer:
            assert len(newer.query("FROM products").rows()) == 1


def test_what_is_kept_is_bounded(
    server: RangeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Archive(server.address) as archive:
        archive.lightcurve(*PLACE)
    assert str(tmp_path) in str(archive.paths.root)
    tails = archive.paths.root.parent / kept.TAILS
    sizes = [path.stat().st_size for path in tails.iterdir()]
    assert max(sizes) <= TAIL + 12
    monkeypatch.setattr(kept, "MOST_TAIL_BYTES", sum(sizes) - 1)
    Archive(server.address).close()
    assert 0 < len(list(tails.iterdir())) < len(sizes)


def test_addresses_that_are_none_are_refused(server: RangeServer) -> None:
    for address in ("https://", "http://user@host/x", "s3:///", f"{server.address}/nothing"):
        with pytest.raises(ArchiveError, match=r"not an address|no published archive"):
            Archive(address)
    with pytest.raises(ArchiveError, match="ftp://host/x: files are read from https://"):
        Archive("ftp://host/x")
