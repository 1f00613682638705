"""Archives in a bucket: the real client of boto3 and a server on this machine (moto)."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.loaders import create_loader

from gphoton_db.archive import Archive
from gphoton_db.errors import ArchiveError
from gphoton_db.intake.inputs import GivenInputs, obtain
from gphoton_db.mission import Band
from gphoton_db.paths import ArchivePaths
from gphoton_db.publish.bucket import Bucket
from gphoton_db.publish.targets import Stored
from gphoton_db.remote.bucket import client_of
from gphoton_db.remote.pointer import POINTER
from gphoton_db.service import ServiceOptions
from gphoton_db.system.fetched import read_fetched
from tests.archives import SessionArchive
from tests.gphoton_db.remote.conftest import PLACE, assert_same
from tests.gphoton_db.remote.test_publish import change

ADDRESS = "s3://sky/galex"
START_S = 60.0


def listens(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1.0)
        return client.connect_ex(("127.0.0.1", port)) == 0


def tell(endpoint: str, what: str, text: str = "") -> None:
    """Tell the server itself something."""
    requests.post(f"{endpoint}/moto-api/{what}", data=text, timeout=60).raise_for_status()


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of the server: a line a request."""
    return tmp_path_factory.mktemp("moto") / "log"


def requests_in(log: Path) -> list[str]:
    return re.findall(r'"(?:GET|HEAD|PUT|POST) [^"]*', log.read_text())


@pytest.fixture(scope="module")
def endpoint(log: Path) -> Iterator[str]:
    """The address of a server of buckets."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with log.open("w") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file)
    try:
        started = time.monotonic()
        while not listens(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() - started < START_S
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module", autouse=True)
def _credentials(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    nothing = str(tmp_path_factory.getbasetemp() / "none")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_ENDPOINT_URL", endpoint)
        patch.setenv("AWS_ACCESS_KEY_ID", "somebody")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        patch.setenv("AWS_CONFIG_FILE", nothing)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", nothing)
        yield


@pytest.fixture(scope="module", autouse=True)
def _kept_descriptions() -> Iterator[None]:
    """Have clients keep what they read of the service: that takes half of what they take."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", cache(create_loader))
        yield


@pytest.fixture(scope="module")
def client(_credentials: None) -> Any:
    """A client, which has made a bucket."""
    client = client_of()
    client.create_bucket(Bucket="sky")
    return client


@pytest.fixture(scope="module")
def address(client: Any, full: Archive) -> str:
    """Where the archive was published, once; not to be changed."""
    first = full.publish(ADDRESS)
    assert (first.n_copied, first.changed) == (first.n_files, True)
    return ADDRESS


def test_what_was_published_is_read(address: str, full: Archive) -> None:
    assert full.publish(address).n_copied == 0
    with Archive(address) as archive:
        assert repr(archive) == f"Archive({address!r})"
        assert_same(archive.lightcurve(*PLACE), full.lightcurve(*PLACE))
        sql = "SELECT count(*) AS n, sum(response) AS s FROM photons"
        assert archive.query(sql).rows() == full.query(sql).rows()


def test_only_what_changed_is_published_again_and_a_missing_file_is_named(
    client: Any, full: Archive, full_copy: Path
) -> None:
    again = "s3://sky/again"
    full.publish(again)
    change(full_copy)
    with Archive(full_copy) as changed:
        pruned = changed.publish(again, prune=True)
    assert 0 < pruned.n_copied < 5
    assert pruned.n_pruned >= 2
    with Archive(again) as archive:
        assert len(archive.query("FROM products").rows()) == 1
    photons = client.list_objects_v2(Bucket="sky", Prefix="again/photons")["Contents"][0]["Key"]
    client.delete_object(Bucket="sky", Key=photons)
    with Archive(again) as archive:
        for read in (
            lambda: archive.lightcurve(*PLACE),
            lambda: archive.query("SELECT sum(ra) FROM photons"),
        ):
            with pytest.raises(ArchiveError, match="is not there") as error:
                read()
            assert f"s3://sky/{photons}" in str(error.value)


def test_requests_are_few_and_none_the_second_time(address: str, log: Path) -> None:
    cone = f"SELECT count(*) FROM cone({PLACE[0]}, {PLACE[1]}, 60)"
    before = len(requests_in(log))
    with Archive(address) as archive:
        assert len(requests_in(log)) == before + 2  # the pointer, and the catalogue
        for most, read in (
            (12, lambda: archive.lightcurve(*PLACE, bands="NUV", step=5)),
            (0, lambda: archive.lightcurve(*PLACE, bands="NUV", step=5)),
            (12, lambda: archive.query(cone)),
            (0, lambda: archive.query(cone)),
        ):
            done = len(requests_in(log))
            read()
            assert len(requests_in(log)) - done <= most
        made = requests_in(log)[before:]
        assert all(re.match('"GET /sky/galex/.*[a-z]+', each) for each in made), made
        assert not any("list-type" in each for each in made)


def test_telemetry_and_calibration_are_fetched_from_it(
    client: Any, served: Path, one_leg: SessionArchive, tmp_path: Path
) -> None:
    for path in served.iterdir():
        client.upload_file(str(path), "sky", f"inputs/{path.name}")
    paths, visit = ArchivePaths(tmp_path / "archive"), one_leg.visit
    place = Path("s3://sky/inputs")
    given = GivenInputs(place, visit.pointing, place)
    found = obtain(paths, visit.eclipse, Band.NUV, given, ServiceOptions())
    assert found.raw6.read_bytes() == visit.raw6.read_bytes()
    for path in found.calibration.glob("*.fits"):
        assert path.read_bytes() == (served / path.name).read_bytes()
    assert {each.source for each in read_fetched(paths.raw6).values()} == {
        f"s3://sky/inputs/{found.raw6.name}"
    }


def test_a_pointer_is_replaced_only_if_it_is_the_one_that_was_read(client: Any) -> None:
    bucket = Bucket("s3://sky/pointer")
    nothing = bucket.pointer()
    assert nothing == Stored(None, None)
    assert bucket.swap_pointer(b"first", nothing)
    assert not bucket.swap_pointer(b"second", nothing)
    first = bucket.pointer()
    assert bucket.swap_pointer(b"second", first)
    assert not bucket.swap_pointer(b"third", first)
    assert bucket.pointer().content == b"second"
    assert bucket.swap_pointer(b"second", first)  # an answer that was lost: it is there


def test_a_profile_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(ArchiveError, match=r"settings for buckets .* \(nobody\)"):
        client_of()


def test_wrong_buckets_are_named(client: Any, full: Archive) -> None:
    for act in (Archive, full.publish):
        with pytest.raises(ArchiveError, match="there is no such bucket"):
            act("s3://nowhere/galex")
        with pytest.raises(ArchiveError, match=r'Invalid bucket name "No_Bucket!".*look at its'):
            act("s3://No_Bucket!/galex")
    with pytest.raises(ArchiveError, match="no published archive there"):
        Archive("s3://sky/elsewhere")


def test_credentials_that_do_not_do_are_refused(address: str, endpoint: str, full: Archive) -> None:
    with Archive(address) as archive:
        # From now on the server looks at them, and those of the environment are nobody's.
        tell(endpoint, "reset-auth", "0")
        try:
            for act in (
                lambda: Archive(address),
                lambda: full.publish(address),
                lambda: archive.lightcurve(*PLACE),
                lambda: archive.query("SELECT sum(ra) FROM photons"),
            ):
                with pytest.raises(ArchiveError, match=r"may not be read \(403 \w+\).*expired"):
                    act()
        finally:
            tell(endpoint, "reset-auth", "inf")


def test_a_server_that_is_gone_is_said(
    client: Any, full: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    for act in (Archive, full.publish):
        with pytest.raises(ArchiveError, match="after 4 attempts EndpointConnectionError"):
            act("s3://sky/gone")
    assert POINTER not in str(client.list_objects_v2(Bucket="sky", Prefix="gone"))
