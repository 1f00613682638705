"""What an ingest needs is found, or fetched, or named."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import (
    CalibrationError,
    GPhotonError,
    OfflineError,
    PointingError,
    ServiceError,
    TelemetryError,
    UnsupportedEclipseError,
)
from gphoton_db.intake.inputs import GivenInputs, IngestSources, obtain, obtain_pointing
from gphoton_db.mission import Band
from gphoton_db.paths import ArchivePaths
from gphoton_db.service import ServiceOptions
from tests import mastfaults
from tests.gphoton_db.archives import Sources
from tests.ingest.mast.conftest import quick_options
from tests.mastserver import MastServer
from tests.mastvisits import rows_of_files


def serve_sources(server: MastServer, *all_sources: Sources) -> None:
    """Serve the inputs of ingests of one eclipse."""
    first = all_sources[0]
    (scst,) = first.pointing.glob("*scst*")
    server.add_visit(
        first.eclipse,
        raw6={each.band: each.raw6 for each in all_sources},
        scst=scst,
        aspect=rows_of_files(first.pointing, first.eclipse),
    )


@pytest.fixture
def server(
    nuv: Sources, fuv: Sources, synthetic_calibration: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MastServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with MastServer(synthetic_calibration) as made:
        serve_sources(made, nuv, fuv)
        yield made


@pytest.fixture
def options(server: MastServer) -> ServiceOptions:
    return quick_options(server)


@pytest.fixture
def paths(tmp_path: Path) -> ArchivePaths:
    return ArchivePaths(tmp_path / "archive")


OFFLINE = ServiceOptions(offline=True)


def files_in(paths: ArchivePaths) -> set[str]:
    found = (path for path in paths.root.rglob("*") if path.is_file())
    return {path.relative_to(paths.root).as_posix() for path in found}


VISIT_FILES = {
    "raw6/e23500-nd-raw6.fits.gz",
    "raw6/fetched.jsonl",
    "pointing/e23500/aspect.parquet",
    "pointing/e23500/boresight.parquet",
    "pointing/e23500-scst.fits.gz",
    "pointing/fetched.jsonl",
}


def test_what_is_missing_is_fetched_and_then_there(
    paths: ArchivePaths, server: MastServer, options: ServiceOptions, nuv: Sources
) -> None:
    given = GivenInputs(calibration=nuv.calibration)
    found = obtain(paths, 23500, Band.NUV, given, options)
    assert found == IngestSources(
        paths.root / "raw6/e23500-nd-raw6.fits.gz", paths.root / "pointing", nuv.calibration
    )
    assert files_in(paths) == VISIT_FILES
    asked = server.requests.total()
    assert obtain(paths, 23500, Band.NUV, given, options) == found
    assert obtain(paths, 23500, Band.NUV, given, OFFLINE) == found
    assert server.requests.total() == asked == 4


def test_what_is_given_is_not_fetched(
    paths: ArchivePaths, server: MastServer, options: ServiceOptions, nuv: Sources
) -> None:
    sources = obtain(paths, 23500, Band.NUV, GivenInputs(**nuv.paths), options)
    assert sources == IngestSources(nuv.raw6, nuv.pointing, nuv.calibration)
    assert server.requests.total() == 0


def test_ones_own_files_in_the_archive_s_folders_count(
    paths: ArchivePaths, server: MastServer, options: ServiceOptions, nuv: Sources
) -> None:
    paths.raw6.mkdir(parents=True)
    plain = paths.raw6 / "e23500-nd-raw6.fits"
    plain.write_bytes(b"whatever it is")
    paths.pointing.symlink_to(nuv.pointing)
    found = obtain(paths, 23500, Band.NUV, GivenInputs(calibration=nuv.calibration), options)
    assert found.raw6 == plain
    assert server.requests.total() == 0


@pytest.mark.parametrize(("name", "error"), [("raw6", TelemetryError), ("pointing", PointingError)])
def test_a_path_that_leads_nowhere_is_not_replaced_by_a_download(
    name: str,
    error: type[GPhotonError],
    paths: ArchivePaths,
    server: MastServer,
    options: ServiceOptions,
) -> None:
    nowhere = paths.root / "nowhere"
    with pytest.raises(error, match="nowhere: there is no such file"):
        obtain(paths, 23500, Band.NUV, GivenInputs(**{name: nowhere}), options)
    assert server.requests.total() == 0


def test_half_a_calibration_is_refused_before_anything_is_fetched(
    paths: ArchivePaths, server: MastServer, options: ServiceOptions, tmp_path: Path
) -> None:
    (tmp_path / "NUV_flat.fits").touch()
    with pytest.raises(CalibrationError, match=r"lacks NUV_mask\.fits, .* which eclipse 23500 NUV"):
        obtain(paths, 23500, Band.NUV, GivenInputs(calibration=tmp_path), options)
    assert server.requests.total() == 0


def test_offline_all_that_is_missing_is_named(paths: ArchivePaths) -> None:
    with pytest.raises(OfflineError) as error:
        obtain(paths, 23500, Band.FUV, GivenInputs(), OFFLINE)
    message = str(error.value)
    for part in (
        "eclipse 23500 FUV cannot be ingested offline",
        f"e23500-fd-raw6.fits[.gz] in {paths.root}/raw6",
        f"none of the eclipse in {paths.root}/pointing",
        f"{paths.root}/calibration lacks FUV_flat.fits, FUV_mask.fits",
        "fuv_dx_fdttdc_coef_0.tbl",
    ):
        assert part in message
    assert not paths.root.exists()


def test_offline_the_temperature_of_fuv_is_missed_too(
    paths: ArchivePaths, server: MastServer, options: ServiceOptions, fuv: Sources
) -> None:
    given = GivenInputs(fuv.raw6, None, fuv.calibration)
    obtain(paths, 23500, Band.FUV, given, options)
    (paths.pointing / "e23500-scst.fits.gz").unlink()
    with pytest.raises(OfflineError, match=r"temperature: no e23500-scst\.fits\.gz"):
        obtain(paths, 23500, Band.FUV, given, OFFLINE)
    obtain(paths, 23500, Band.NUV, given, OFFLINE)


def test_offline_the_coarse_attitude_serves_and_is_said_to(
    paths: ArchivePaths, nuv: Sources, caplog: pytest.LogCaptureFixture
) -> None:
    paths.pointing.mkdir(parents=True)
    (scst,) = nuv.pointing.glob("*scst*")
    (paths.pointing / scst.name).symlink_to(scst)
    obtain(paths, 23500, Band.NUV, GivenInputs(nuv.raw6, None, nuv.calibration), OFFLINE)
    assert "no refined aspect: the coarse one is used" in caplog.text


def test_a_band_that_does_not_exist_makes_no_download(
    paths: ArchivePaths, server: MastServer, options: ServiceOptions, nuv: Sources
) -> None:
    serve_sources(server, nuv)
    with pytest.raises(ServiceError, match=r"no FUV telemetry of eclipse 23500 \(it has: NUV\)"):
        obtain(paths, 23500, Band.FUV, GivenInputs(), options)
    assert server.requests.total() == 1


def test_an_eclipse_without_a_spacecraft_state_is_told_of(
    paths: ArchivePaths,
    server: MastServer,
    options: ServiceOptions,
    nuv: Sources,
    caplog: pytest.LogCaptureFixture,
) -> None:
    aspect = rows_of_files(nuv.pointing, 23500)
    server.add_visit(23500, raw6={Band.NUV: nuv.raw6}, aspect=aspect)
    obtain(paths, 23500, Band.NUV, GivenInputs(calibration=nuv.calibration), options)
    assert "no spacecraft state of it" in caplog.text
    assert files_in(paths) == VISIT_FILES - {"pointing/e23500-scst.fits.gz"}


def test_where_only_metadata_cannot_be_had_nuv_does_without(
    paths: ArchivePaths,
    server: MastServer,
    options: ServiceOptions,
    nuv: Sources,
    fuv: Sources,
    caplog: pytest.LogCaptureFixture,
) -> None:
    paths.pointing.mkdir(parents=True)
    for path in nuv.pointing.glob("*asprta*"):
        (paths.pointing / path.name).symlink_to(path)
    server.misbehave("spGetRawUrls", *[mastfaults.error("closed for today")] * 2)
    obtain(paths, 23500, Band.NUV, GivenInputs(nuv.raw6, None, nuv.calibration), options)
    assert "plan and temperatures stay unknown: " in caplog.text
    assert "closed for today" in caplog.text
    with pytest.raises(ServiceError, match="closed for today"):
        obtain(paths, 23500, Band.FUV, GivenInputs(fuv.raw6, None, fuv.calibration), options)


def test_the_oddities_of_the_service_s_list_do_no_harm(
    paths: ArchivePaths, server: MastServer, options: ServiceOptions, nuv: Sources
) -> None:
    (scst,) = nuv.pointing.glob("*scst*")
    server.add_visit(
        23500,
        raw6={Band.NUV: nuv.raw6},
        scst=scst,
        aspect=rows_of_files(nuv.pointing, 23500),
        locations=[
            [1, "OPT       ", "file:/" + "//etc/passwd"],
            [1, "NUV       ", f"{server.file_url(nuv.raw6)}.gz"],
            [1, "NUV       ", f"{server.file_url(nuv.raw6)}.gz"],
            [2, "BOTH      ", f"{server.file_url(scst)}.gz"],
        ],
    )
    obtain(paths, 23500, Band.NUV, GivenInputs(calibration=nuv.calibration), options)
    assert files_in(paths) == VISIT_FILES
    assert (paths.raw6 / "e23500-nd-raw6.fits.gz").read_bytes() == nuv.raw6.read_bytes()


def test_pointing_alone_can_be_fetched(
    paths: ArchivePaths, server: MastServer, options: ServiceOptions
) -> None:
    assert obtain_pointing(paths, 23500, options)
    assert not obtain_pointing(paths, 23500, options)
    assert files_in(paths) == {name for name in VISIT_FILES if "raw6" not in name}
    assert server.requests.total() == 3


def test_an_eclipse_that_is_not_reduced_is_not_fetched(
    paths: ArchivePaths, server: MastServer, options: ServiceOptions
) -> None:
    with Archive(paths.root) as archive, pytest.raises(UnsupportedEclipseError):
        archive.ingest(37500, "NUV", service=options)
    assert server.requests.total() == 0


def test_a_download_that_fails_is_logged_like_any_failure(
    paths: ArchivePaths, options: ServiceOptions
) -> None:
    with Archive(paths.root) as archive:
        with pytest.raises(ServiceError, match="no NUV telemetry of eclipse 23499") as error:
            archive.ingest(23499, "NUV", service=options)
        (row,) = archive.query("SELECT eclipse, outcome, message, raw6 FROM ingests").rows()
    assert row == {
        "eclipse": 23499, "outcome": "failed", "message": str(error.value), "raw6": None
    }  # fmt: skip
