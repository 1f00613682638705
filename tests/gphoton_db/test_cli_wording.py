"""What commands say: many failures of one kind in one line, and numbers with the right word."""

from pathlib import Path

from gphoton_db.cli.console import counted
from gphoton_db.cli.failures import failure_lines
from gphoton_db.intake.many.failed_list import Failure, read_failed
from gphoton_db.mission import Band
from tests.gphoton_db.conftest import Cli


def test_many_failures_of_one_kind_are_one_line(tmp_path: Path) -> None:
    # Other numbers are no eclipses.
    reason = "eclipse {0} NUV: no e{0:05d}-nd.fits or /run 3/CLK2.fits"
    alike = [Failure(n, Band.NUV, reason.format(n)) for n in range(1, 8)]
    other = Failure(7, Band.FUV, "a disk is full")
    assert list(failure_lines([*alike, other])) == [
        "failed: 7 eclipses failed alike, e00001 NUV to e00007 NUV: eclipse N NUV: no "
        "eN-nd.fits or /run 3/CLK2.fits",
        "failed: e00007 FUV: a disk is full",
    ]
    assert list(failure_lines(alike[:2])) == [
        f"failed: {each.what}: {each.reason}" for each in alike[:2]
    ]


def test_eclipses_without_telemetry_are_counted_and_listed_in_the_file(
    cli: Cli, tmp_path: Path
) -> None:
    root, listed = tmp_path / "archive", tmp_path / "failed.csv"
    words = ("ingest", "--eclipses", "1-20", "--bands", "NUV", "--offline", "--failed", listed)
    done = cli("--archive", root, *words)
    # Nothing could be done.
    assert (done.code, done.out) == (1, "")
    (line,) = (line for line in done.err.splitlines() if line.startswith("failed: "))
    assert line.startswith("failed: 20 eclipses have no telemetry here, e00001 NUV to e00020")
    assert [each.eclipse for each in read_failed(listed)] == [*range(1, 21)]


def test_one_thing_is_no_plural() -> None:
    assert [counted(n, "leg") for n in (0, 1, 2, 2000)] == [
        "0 legs",
        "1 leg",
        "2 legs",
        "2,000 legs",
    ]
