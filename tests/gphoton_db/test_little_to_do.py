"""What commands say that have nothing to do, or nothing to do it with."""

from pathlib import Path

from tests.gphoton_db.conftest import Cli


def test_compact_says_why_nothing_was_merged(cli: Cli, full_copy: Path) -> None:
    done = cli("--archive", full_copy, "compact", "--fewest", "12")
    assert done.code == 0
    assert done.out.startswith("nothing to merge: no field has 12 legs of a band")
    assert "--fewest" in done.out


def test_many_eclipses_want_a_folder_of_telemetry(cli: Cli, full_copy: Path) -> None:
    done = cli("--archive", full_copy, "ingest", "--eclipses", "40", "--bands", "NUV",
               "--raw6", full_copy / "none")  # fmt: skip
    assert done.code == 1
    assert f"{full_copy / 'none'}: there is no such folder; with many eclipses, raw6" in done.err


def test_a_compact_that_failed_says_how_to_go_on(cli: Cli, full_copy: Path) -> None:
    (full_copy / "staging" / "compact.lock").mkdir(parents=True)
    done = cli("--archive", full_copy, "compact", "--again")
    assert done.code == 1
    assert "run compact once more" in done.err
