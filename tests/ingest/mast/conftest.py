"""A server of a small file, and of a small visit; a client without patience."""

import gzip
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gphoton_db.ingest.mast.client import Client
from gphoton_db.ingest.mast.content import check_gzip
from gphoton_db.ingest.mast.download import Wanted
from gphoton_db.mission import Band
from gphoton_db.service import Patience, ServiceOptions
from tests.mastserver import MastServer

QUICK = Patience(
    connect_timeout=2.0,
    read_timeout=0.3,
    retries=3,
    pause=0.01,
    longest_pause=0.05,
    polls=4,
    poll_pause=0.01,
    longest_poll_pause=0.02,
)


def quick_options(server: MastServer, patience: Patience = QUICK) -> ServiceOptions:
    return ServiceOptions(
        mast_url=server.mast_url, calibration_url=server.calibration_url, patience=patience
    )


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[MastServer]:
    with MastServer() as made:
        yield made


@pytest.fixture
def client(server: MastServer) -> Client:
    return Client(quick_options(server))


@dataclass(frozen=True)
class Served:
    """A gzipped file that a server has, and what to ask for to get it."""

    path: Path
    content: bytes
    wanted: Wanted

    @property
    def target(self) -> Path:
        return self.wanted.target

    def leftovers(self) -> set[str]:
        """Return what lies in the folder besides the file and the record of what was fetched."""
        there = {path.name for path in self.wanted.folder.iterdir()}
        return there - {self.wanted.name, "fetched.jsonl"}


def serve_file(server: MastServer, folder: Path) -> Served:
    """Make a file of 400 kB and serve it, as the telemetry of an eclipse."""
    content = gzip.compress(random.Random(5).randbytes(400_000), compresslevel=1)
    path = folder / "from-the-server.gz"
    path.write_bytes(content)
    server.add_visit(23500, raw6={Band.NUV: path})
    wanted = Wanted(server.file_url(path), folder / "raw6", "ours.fits.gz", check_gzip)
    return Served(path, content, wanted)


@pytest.fixture
def served(server: MastServer, tmp_path: Path) -> Served:
    return serve_file(server, tmp_path)
