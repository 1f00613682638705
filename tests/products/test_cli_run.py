"""The command ``run``: the whole pipeline."""

import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from astropy.io import fits

from gphoton_db.archive import Archive
from gphoton_db.mission import Band
from gphoton_db.simulate.plan import LegPlan
from tests.gphoton_db.archives import Sources, legs_of
from tests.gphoton_db.conftest import Cli
from tests.products.conftest import ECLIPSE, FIELDS, simulated
from tests.shared import own_copy

FOLDER = f"products/e{ECLIPSE:05d}"


@pytest.fixture(scope="session")
def telemetry(synthetic_calibration: Path, tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """NUV telemetry of two legs, of 30 s and of 12 s."""
    ra0, dec0 = FIELDS["ordinary"]
    legs = (LegPlan(ra0, dec0, duration=30, slew=5), LegPlan(ra0 + 1, dec0, duration=12))
    return simulated(tmp_path_factory.mktemp("run"), synthetic_calibration, legs, background=200.0)


def inputs(telemetry: Sources) -> tuple[str, ...]:
    return (
        *("--raw6", str(telemetry.raw6), "--pointing", str(telemetry.pointing)),
        *("--calibration", str(telemetry.calibration)),
    )


@pytest.fixture(scope="session")
def ingested_root(telemetry: Sources, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("run-archive") / "archive"
    with Archive(root) as archive:
        archive.ingest(
            ECLIPSE,
            Band.NUV,
            raw6=telemetry.raw6,
            pointing=telemetry.pointing,
            calibration=telemetry.calibration,
        )
    return root


@pytest.fixture
def root(ingested_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_copy(tmp_path_factory, ingested_root)


def names_in(root: Path) -> set[str]:
    return {path.name for path in (root / FOLDER).iterdir()}


def test_from_telemetry_to_movies(telemetry: Sources, tmp_path: Path, cli: Cli) -> None:
    done = cli(
        *("--archive", tmp_path / "a", "run", ECLIPSE, "nuv", *inputs(telemetry)),
        *("--depth", "15", "--stop-after", "movies", "--columns", "t,ra,dec,weight"),
    )
    assert done.code == 0
    assert "NUV: ingested" in done.out
    assert "leg 1: no movie: frames of 15 s are longer than the leg" in done.err
    assert "done, 6 files written" in done.err
    assert names_in(tmp_path / "a") == {
        "e23500-nd-b00.parquet",
        "e23500-nd-b01.parquet",
        "e23500-nd-ffull-b00-image-r.fits",
        "e23500-nd-ffull-b01-image-r.fits",
        "e23500-nd-f0015-b00-movie-r.fits",
        "e23500-nd-f0015-b00-movie-exptime.csv",
    }


@pytest.mark.deep
def test_files_are_compressed_as_asked_for(root: Path, cli: Cli) -> None:
    done = cli(
        *("--archive", root, "run", ECLIPSE, "NUV", "--stop-after", "movies"),
        *("--leg", "0", "--compression", "none"),
    )
    assert done.code == 0
    assert names_in(root) == {"e23500-nd-ffull-b00-image-n.fits"}


@pytest.mark.deep
def test_one_leg_in_bursts_for_machines(root: Path, cli: Cli) -> None:
    done = cli(
        *("--archive", root, "run", ECLIPSE, "NUV", "--leg", "0", "--depth", "15", "--burst"),
        *("--coregister", "--no-image", "--stop-after", "movies", "--json"),
    )
    report = json.loads(done.out)
    (leg,) = report["legs"]
    assert (done.code, report["ingest"], leg["skipped"]) == (0, None, None)
    assert leg["remarks"] == [
        "frames start with the first photon of NUV: FUV is not in the archive"
    ]
    assert [Path(file).name for file in leg["files"]] == [
        "e23500-nd-f0015-b00-movie-exptime.csv",
        "e23500-nd-f0015-b00-t0000-r.fits",
        "e23500-nd-f0015-b00-t0015-r.fits",
    ]
    assert fits.getheader(leg["files"][1])["LEG"] == 0


def test_recreating_replaces_the_photons_and_stopping_after_them_makes_nothing_of_them(
    telemetry: Sources, root: Path, cli: Cli
) -> None:
    done = cli(
        *("--archive", root, "run", ECLIPSE, "NUV", "--recreate", *inputs(telemetry)),
        *("--stop-after", "photons"),
    )
    assert done.code == 0
    assert "NUV: replaced" in done.out
    assert names_in(root) == set()
    done = cli("--archive", root, "run", ECLIPSE, "NUV", "--stop-after", "photons")
    assert (done.code, done.out) == (0, "")
    assert names_in(root) == set()


def test_everything_at_one_go_but_of_a_short_leg_which_is_said(root: Path, cli: Cli) -> None:
    done = cli(
        *("--archive", root, "run", ECLIPSE, "NUV", "--min-exposure", "20", "--depth", "15"),
        *("--aperture", "12.8", "--aperture", "6", "--extended", "--extended-sources"),
        *("--format", "parquet", "--suffix", "mine"),
    )
    assert done.code == 0
    assert "leg 1: skipped, 6.0 s of exposure are less than 20 s" in done.err
    assert re.search(r"leg 0: \d+ sources measured", done.err)
    assert names_in(root) == {
        "e23500-nd-ffull-b00-image-r.fits",
        "e23500-nd-f0015-b00-movie-r.fits",
        "e23500-nd-f0015-b00-movie-exptime.csv",
        "e23500-nd-f0015-b00-movie-photom-6_0-mine.parquet",
        "e23500-nd-f0015-b00-movie-photom-12_8-mine.parquet",
        "e23500-nd-ffull-b00-extended-sources.csv",
    }
    assert len(done.out.splitlines()) == len(names_in(root))
    (table,) = root.glob("products/*/*photom-6_0-mine.parquet")
    (leg, *_) = legs_of(root, Band.NUV)
    assert pq.read_schema(table).metadata[b"CALHASH"].decode() == leg.calibration


def test_a_catalogue_is_measured_where_nothing_is_written_but_tables(
    root: Path, tmp_path: Path, cli: Cli
) -> None:
    ra0, dec0 = FIELDS["ordinary"]
    catalog = tmp_path / "stars.csv"
    catalog.write_text(f"ra,dec\n{ra0 + 0.1},{dec0 - 0.1}\n{ra0 + 0.2},{dec0}\n10,10\nnan,1\n")
    done = cli(
        *("--archive", root, "run", ECLIPSE, "NUV", "--leg", "0", "--catalog", catalog),
        *("--photometry-only", "--json"),
    )
    (leg,) = json.loads(done.out)["legs"]
    assert (done.code, leg["n_sources"]) == (0, 4)
    assert "1 without a position" in done.err
    assert names_in(root) == {"e23500-nd-ffull-b00-image-photom-12_8-stars.csv"}
    with Archive(root) as archive:
        rows = archive.query(
            "SELECT cps FROM photometry WHERE catalog = 'stars' AND frame IS NULL ORDER BY source"
        ).rows()
    assert rows[0]["cps"] > 5 * rows[1]["cps"]


@pytest.mark.deep
def test_a_field_without_sources_is_no_failure(root: Path, cli: Cli) -> None:
    done = cli("--archive", root, "run", ECLIPSE, "NUV", "--leg", "1", "--no-image")
    assert done.code == 0
    assert "leg 1:" in done.err
    assert "e23500-nd-ffull-b01-image-photom-12_8.csv" in names_in(root)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--burst",), "give their depth"),
        (("--coregister",), "give their depth"),
        (("--aperture", "0"), "an aperture of 0 arcsec is not valid"),
        (("--min-exposure", "-1"), "a shortest exposure of -1 s is not valid"),
        (("--stop-after", "lunch"), "unknown step 'lunch': it is photons or movies"),
        (("--format", "xls"), "unknown format 'xls': it is csv or parquet"),
        (("--suffix", "../x"), "would be a folder"),
        (("--photometry-only", "--stop-after", "movies"), "leave nothing to do"),
        (("--photometry-only", "--recreate"), "it cannot recreate photons"),
        (("--leg", "7"), "has no leg 7: it has legs 0, 1"),
        (("--columns", "t,colour"), "no column 'colour'"),
        (("--catalog", "no-such-file.csv"), "no-such-file.csv"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    root: Path, cli: Cli, arguments: tuple[str, ...], message: str
) -> None:
    done = cli("--archive", root, "run", ECLIPSE, "NUV", *arguments)
    assert (done.code, done.out) == (1, "")
    assert message in done.err.splitlines()[-1]


def test_photometry_only_of_what_is_not_there_says_what_to_run(root: Path, cli: Cli) -> None:
    done = cli("--archive", root, "run", ECLIPSE, "FUV", "--photometry-only")
    assert done.code == 1
    assert f"run `gphoton-db ingest {ECLIPSE} FUV`" in done.err
