"""Telemetry and calibration from addresses: fetched once, and recorded."""

from pathlib import Path

import pytest

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.errors import OfflineError, TelemetryError
from gphoton_db.intake.inputs import GivenInputs, obtain
from gphoton_db.intake.options import IngestOptions
from gphoton_db.intake.writer import ArchiveWriter
from gphoton_db.mission import Band
from gphoton_db.paths import ArchivePaths
from gphoton_db.service import ServiceOptions
from gphoton_db.system.fetched import read_fetched
from tests.archives import SessionArchive
from tests.rangeserver import RangeServer


def test_inputs_are_fetched_once_and_recorded(
    served: Path, one_leg: SessionArchive, tmp_path: Path
) -> None:
    paths, eclipse = ArchivePaths(tmp_path / "archive"), one_leg.visit.eclipse
    writer = ArchiveWriter(Catalogue(paths), ServiceOptions())
    with RangeServer(served) as server:
        pointing = one_leg.visit.pointing
        options = IngestOptions(server.address, pointing, f"{server.address}/")
        given = writer.given(options)
        found = obtain(paths, eclipse, Band.NUV, given, writer.service)
        n_requests = len(server.requests)
        assert found.raw6.read_bytes() == one_leg.visit.raw6.read_bytes()
        for path in found.calibration.glob("*.fits"):
            assert path.read_bytes() == (served / path.name).read_bytes()
        assert {request.name for request in server.requests} == {
            *read_fetched(paths.raw6),
            *read_fetched(found.calibration),
        }
        assert obtain(paths, eclipse, Band.NUV, given, writer.service) == found
        by_name = GivenInputs(
            Path(f"{server.address}/{found.raw6.name}"), pointing, given.calibration
        )
        assert obtain(paths, eclipse, Band.NUV, by_name, writer.service) == found
        assert len(server.requests) == n_requests > 10
        with pytest.raises(OfflineError, match=server.address):
            obtain(paths, eclipse, Band.NUV, given, ServiceOptions(offline=True))
    elsewhere = GivenInputs(Path("https://elsewhere/raw6"), pointing, found.calibration)
    with pytest.raises(TelemetryError, match="did not come from"):
        obtain(paths, eclipse, Band.NUV, elsewhere, ServiceOptions())
