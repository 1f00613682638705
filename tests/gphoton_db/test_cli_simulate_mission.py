"""``gphoton-db simulate --mission``: what it prints, and what it refuses."""

import json
import shlex
from pathlib import Path

import pytest

from tests.gphoton_db.conftest import Cli


def test_the_command_that_it_prints_ingests_the_mission(
    cli: Cli, synthetic_calibration: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "it's a mission"
    done = cli(
        "simulate", "--mission", "1", "--survey", "mis", "--photons", "200",
        "--output", folder, "--calibration", synthetic_calibration,
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    made, following = done.out.splitlines()
    assert made.startswith("mission: simulated: 1 eclipse, 1 leg, ")
    program, *arguments = shlex.split(following.removeprefix("next: "))
    assert program == "gphoton-db"
    ingested = cli(*arguments, "--json", "--jobs", "1")
    assert ingested.code == 0
    assert len(json.loads(ingested.out)["ingests"]) == 1


def test_json_names_the_list(cli: Cli, synthetic_calibration: Path, tmp_path: Path) -> None:
    done = cli(
        "simulate", "--mission", "1", "--survey", "DIS", "--json",
        "--output", tmp_path / "made", "--calibration", synthetic_calibration,
    )  # fmt: skip
    report = json.loads(done.out)
    assert (report["n_eclipses"], report["calibration"]) == (1, str(synthetic_calibration))
    assert Path(report["eclipses"]).read_text(encoding="utf-8").startswith("eclipse,band,")
    assert report["n_events"] > 2000


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("23456", "NUV", "--mission", "2"), "ECLIPSE"),
        (("--mission", "2", "--legs", "3"), "--legs"),
        (("--mission", "2", "--duration", "60"), "--duration"),
        (("23456", "NUV", "--survey", "AIS"), "--survey"),
        (("23456",), "give an eclipse and its bands, or --mission"),
        (("--mission", "0"), "--mission"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    cli: Cli, tmp_path: Path, arguments: tuple[str, ...], named: str
) -> None:
    done = cli("simulate", *arguments, "--output", tmp_path / "made")
    assert done.code == 2
    assert named in done.err
    assert not (tmp_path / "made").exists()


def test_what_the_plan_refuses_is_an_error_and_leaves_no_folder(cli: Cli, tmp_path: Path) -> None:
    done = cli("simulate", "--mission", "2", "--survey", "XYZ", "--output", tmp_path / "made")
    assert done.code == 1
    assert "XYZ: no survey" in done.err
    assert not (tmp_path / "made").exists()
