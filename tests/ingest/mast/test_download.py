"""Downloads that go well in the end: resumed, shared, recorded; nothing comes twice."""

import gzip
import hashlib
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from gphoton_db.errors import ServiceError
from gphoton_db.ingest.mast.client import Client
from gphoton_db.ingest.mast.download import download
from gphoton_db.system.fetched import read_fetched
from tests import mastfaults
from tests.ingest.mast.conftest import Served, quick_options, serve_file
from tests.mastserver import Fault, MastServer

HALF = 200_000


def fetched_whole(client: Client, served: Served) -> bool:
    done = download(client, served.wanted)
    assert served.target.read_bytes() == served.content
    assert served.leftovers() == set()
    return done


def test_a_file_comes_once_under_our_name(
    client: Client, server: MastServer, served: Served
) -> None:
    assert fetched_whole(client, served)
    assert not fetched_whole(client, served)
    assert server.asked("/data/") == 1


def test_what_came_is_recorded_with_its_hash(client: Client, served: Served) -> None:
    download(client, served.wanted)
    (entry,) = read_fetched(served.wanted.folder).values()
    assert (entry.name, entry.size) == ("ours.fits.gz", len(served.content))
    assert entry.sha256 == hashlib.sha256(served.content).hexdigest()
    assert entry.source == served.wanted.url


def test_progress_is_told_in_bytes(client: Client, server: MastServer, served: Served) -> None:
    server.misbehave("/data/", mastfaults.slow(4, 0.12))
    told: list[tuple[str, int, int]] = []
    download(client, served.wanted, on_progress=lambda *each: told.append(each))
    total = len(served.content)
    assert len(told) > 2
    assert {(name, all_of_it) for name, _, all_of_it in told} == {("ours.fits.gz", total)}
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert told[-1][1] == total


@pytest.mark.parametrize(
    "fault", [mastfaults.reset(HALF), mastfaults.closed(HALF), mastfaults.stalled(HALF)]
)
def test_after_a_break_only_the_rest_is_asked_for(
    fault: Fault, client: Client, server: MastServer, served: Served
) -> None:
    server.misbehave("/data/", fault)
    fetched_whole(client, served)
    (asked,) = server.ranges_asked
    # The kernel may lose what was on its way when a connection is reset.
    assert 0 < int(asked.removeprefix("bytes=").removesuffix("-")) <= HALF


def test_many_breaks_in_a_row(client: Client, server: MastServer, served: Served) -> None:
    server.misbehave("/data/", *[mastfaults.closed(60_000)] * 3)
    fetched_whole(client, served)
    assert len(server.ranges_asked) == 3


def test_a_server_that_ignores_ranges_sends_all_again(tmp_path: Path) -> None:
    with MastServer(ranges=False) as server:
        served = serve_file(server, tmp_path)
        server.misbehave("/data/", mastfaults.closed(HALF))
        fetched_whole(Client(quick_options(server)), served)
        assert (server.asked("/data/"), len(server.ranges_asked)) == (2, 1)


def break_off(client: Client, server: MastServer, served: Served) -> None:
    """Leave a download half done, as a process that gives up does."""
    server.misbehave("/data/", mastfaults.closed(HALF), *[mastfaults.closed(0)] * 4)
    with pytest.raises(ServiceError, match=r"goes on with the 200,000 bytes that are there"):
        download(client, served.wanted)
    assert not served.target.exists()
    assert served.leftovers() == {"ours.fits.gz.part", "ours.fits.gz.part.json"}


def test_a_later_process_goes_on(client: Client, server: MastServer, served: Served) -> None:
    break_off(client, server, served)
    fetched_whole(Client(quick_options(server)), served)
    assert set(server.ranges_asked) == {f"bytes={HALF}-"}


def test_a_file_that_has_changed_since_comes_anew(
    client: Client, server: MastServer, served: Served
) -> None:
    break_off(client, server, served)
    new = gzip.compress(os.urandom(350_000))
    served.path.write_bytes(new)
    fetched_whole(client, replace(served, content=new))


@pytest.mark.parametrize("change", ["same length", "another length"])
def test_without_versions_the_checksum_tells_that_a_file_has_changed(
    change: str, tmp_path: Path
) -> None:
    with MastServer(versions=False) as server:
        served, client = serve_file(server, tmp_path), Client(quick_options(server))
        break_off(client, server, served)
        new = gzip.compress(os.urandom(400_000), compresslevel=1)
        if change == "another length":
            new = gzip.compress(os.urandom(300_000), compresslevel=1)
        served.path.write_bytes(new)
        fetched_whole(client, replace(served, content=new))


def test_another_address_begins_anew(client: Client, server: MastServer, served: Served) -> None:
    break_off(client, server, served)
    other = served.path.with_name("other.gz")
    other.write_bytes(served.content)
    server.add_visit(23501, scst=other)
    server.ranges_asked.clear()
    fetched_whole(
        client, replace(served, wanted=replace(served.wanted, url=server.file_url(other)))
    )
    assert server.ranges_asked == []


@pytest.mark.parametrize("state", [None, "", "[]", '{"url": 1}', "all of it", "more than it"])
def test_whatever_an_earlier_process_left_the_file_comes_whole(
    state: str | None, client: Client, server: MastServer, served: Served
) -> None:
    break_off(client, server, served)
    part = served.target.with_name("ours.fits.gz.part")
    note = served.target.with_name("ours.fits.gz.part.json")
    assert json.loads(note.read_text())["total"] == len(served.content)
    if state is None:
        note.unlink()
    elif "of it" not in state and "than" not in state:
        note.write_text(state)
    elif state == "all of it":
        part.write_bytes(served.content)
    else:
        part.write_bytes(served.content + b"x")
    fetched_whole(client, served)


def test_a_file_of_unknown_length(client: Client, server: MastServer, served: Served) -> None:
    server.misbehave("/data/", mastfaults.without_length())
    fetched_whole(client, served)


def test_threads_that_want_the_same_file_share_it(
    client: Client, server: MastServer, served: Served
) -> None:
    server.misbehave("/data/", mastfaults.slow(4, 0.05))
    together = threading.Barrier(4)

    def fetch(_: int) -> bool:
        together.wait()
        return download(client, served.wanted)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(fetch, range(4))) == [False, False, False, True]
    assert fetched_whole(client, served) is False
    assert server.asked("/data/") == 1


def test_errors_of_the_server_pass(client: Client, server: MastServer, served: Served) -> None:
    server.misbehave("/data/", mastfaults.status(500), mastfaults.status(429, Retry_After="0"))
    fetched_whole(client, served)
    assert server.asked("/data/") == 3


def test_a_redirection_to_an_allowed_host_is_followed_with_the_range(
    client: Client, server: MastServer, served: Served
) -> None:
    break_off(client, server, served)
    server.misbehave("/data/", mastfaults.redirected(served.wanted.url))
    fetched_whole(client, served)
    assert server.ranges_asked[-2:] == [f"bytes={HALF}-"] * 2
