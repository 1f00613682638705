"""``gphoton-db simulate``: what it writes, that it can be ingested, and what it refuses."""

import json
import shlex
from pathlib import Path

import pytest

from gphoton_db.archive import Archive
from gphoton_db.cli.demo_looks import look_at_flare
from gphoton_db.mission import Band
from gphoton_db.simulate.visit_folder import CALIBRATION_FOLDER, MARK
from tests.demonstration import Demonstration
from tests.gphoton_db.archives import count, parquet_hashes
from tests.gphoton_db.conftest import Cli, Outcome
from tests.gphoton_db.first_use import SHORT_S

SHORT = ("--legs", "1", "--duration", "40")


@pytest.fixture
def simulate(cli: Cli, synthetic_calibration: Path, tmp_path: Path) -> Cli:
    """Run ``gphoton-db simulate`` with the session's calibration, into ``made``."""

    def run(*arguments: str | Path) -> Outcome:
        given = ("--calibration", synthetic_calibration, "--output", tmp_path / "made")
        return cli("simulate", *arguments, *given)

    return run


def test_the_command_that_it_prints_ingests_what_it_wrote(
    cli: Cli, synthetic_calibration: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "it's made"
    done = cli(
        "simulate", "23456", "nuv", "FUV", *SHORT,
        "--output", folder, "--calibration", synthetic_calibration,
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    nuv, fuv, following = done.out.splitlines()
    assert nuv.startswith("e23456 NUV: simulated: ")
    assert nuv.endswith(f" events, 1 leg, {folder / 'raw6' / 'e23456-nd-raw6.fits.gz'}")
    assert fuv.startswith("e23456 FUV: simulated: ")
    assert_the_mission_s_files_the_truth_and_the_mark(folder)
    program, *arguments = shlex.split(following.removeprefix("next: "))
    assert program == "gphoton-db"
    assert cli(*arguments).code == 0
    with Archive(folder) as archive:
        assert [(leg.eclipse, leg.band) for leg in archive.legs()] == [
            (23456, "FUV"),
            (23456, "NUV"),
        ]
        assert count(archive, "photons") > 10_000


def assert_the_mission_s_files_the_truth_and_the_mark(made: Path) -> None:
    assert {path.name for path in made.iterdir()} == {"raw6", "pointing", "tables", "truth", MARK}
    assert {path.name for path in (made / "truth").iterdir()} == {
        f"e23456-{band}-{truth}"
        for band in ("nd", "fd")
        for truth in ("sources.csv", "events.parquet")
    }
    assert {path.name for path in (made / "pointing").iterdir()} == {
        "e23456-b00-asprta.fits.gz",
        "e23456-scst.fits.gz",
    }


def test_json_names_every_file(cli: Cli, synthetic_calibration: Path, tmp_path: Path) -> None:
    done = cli(
        "simulate", "23456", "FUV", "--legs", "2", "--duration", "30", "--no-event-truth", "--json",
        "--output", tmp_path / "made", "--calibration", synthetic_calibration,
    )  # fmt: skip
    report = json.loads(done.out)
    (visit,) = report["visits"]
    assert (visit["eclipse"], visit["band"], visit["n_legs"]) == (23456, "FUV", 2)
    assert visit["n_events"] > 5000
    for name in ("raw6", "pointing", "tables", "source_truth", "calibration"):
        assert Path(visit[name]).exists()
    assert visit["event_truth"] is None
    assert report["folder"] == str(tmp_path / "made")


def test_a_synthetic_calibration_is_made_and_used_again(cli: Cli, tmp_path: Path) -> None:
    arguments = ("simulate", "23456", "FUV", *SHORT, "--output", tmp_path / "made")
    assert cli(*arguments).code == 0
    made = {path: path.stat().st_mtime_ns for path in (tmp_path / "made").rglob("*.fits")}
    assert made
    assert {path.parent.name for path in made} == {CALIBRATION_FOLDER}
    assert cli(*arguments).code == 0
    assert {path: path.stat().st_mtime_ns for path in made} == made


def test_a_seed_makes_the_same_telemetry_and_another_does_not(
    simulate: Cli, tmp_path: Path
) -> None:
    raw6 = tmp_path / "made" / "raw6" / "e23456-fd-raw6.fits.gz"
    contents = []
    for seed in ("3", "3", "4"):
        simulate("23456", "FUV", *SHORT, "--seed", seed)
        contents.append(raw6.read_bytes())
    assert contents[0] == contents[1] != contents[2]


def test_about_as_many_events_as_asked_for_are_made(
    cli: Cli, synthetic_calibration: Path, tmp_path: Path
) -> None:
    given = ("--output", tmp_path / "made", "--calibration", synthetic_calibration, "--json")
    done = cli("simulate", "23456", "NUV", "FUV", *SHORT, "--photons", "60000", *given)
    for visit in json.loads(done.out)["visits"]:
        assert visit["n_events"] == pytest.approx(60_000, rel=0.02)
    refused = cli("simulate", "23456", "NUV", *SHORT, "--photons", "2000", *given)
    assert refused.code == 1
    assert "2,000 NUV events are too few" in refused.err


def test_pointing_of_an_earlier_visit_with_more_legs_is_gone(simulate: Cli, tmp_path: Path) -> None:
    for legs in ("3", "1"):
        simulate("23456", "FUV", "--duration", "30", "--legs", legs)
    names = [path.name for path in (tmp_path / "made" / "pointing").glob("*asprta*")]
    assert names == ["e23456-b00-asprta.fits.gz"]


def test_a_scene_file_says_what_is_simulated(
    cli: Cli, synthetic_calibration: Path, tmp_path: Path
) -> None:
    scene = tmp_path / "scene.toml"
    scene.write_text(
        "background = 50\n[[leg]]\nra0 = 0.1\ndec0 = 5\nduration = 30\n"
        "[[source]]\nra = 359.9\ndec = 5\nrate = 100\n"
    )
    done = cli(
        "simulate", "23456", "NUV", "--scene", scene, "--json",
        "--output", tmp_path / "made", "--calibration", synthetic_calibration,
    )  # fmt: skip
    assert done.code == 0, done.err
    (visit,) = json.loads(done.out)["visits"]
    (row,) = Path(visit["source_truth"]).read_text().splitlines()[1:]
    assert row.startswith("0,source,0,359.9,5.0,")


def test_each_mistake_of_a_scene_file_is_a_line_and_nothing_is_made(
    simulate: Cli, tmp_path: Path
) -> None:
    scene = tmp_path / "scene.toml"
    scene.write_text("[[leg]]\nra0 = 0.1\n[[source]]\nra = 1\ndec = 2\nrate = -3.0\nmagnitud = 2\n")
    done = simulate("23456", "NUV", "--scene", scene)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"error: {scene}: leg[0].dec0: missing\n"
        f"{scene}: source[0].rate: must be 0 or more, not -3.0\n"
        f"{scene}: source[0].magnitud: unknown key; did you mean 'magnitude'?\n"
    )
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["23456", "XUV"], "unknown band"),
        (["23456"], "band"),
        (["e23456", "NUV"], "eclipse"),
        (["23456", "NUV", "--photons", "0"], "--photons"),
        (["23456", "NUV", "--legs", "0"], "--legs"),
        (["23456", "NUV", "--duration", "29"], "--duration"),
        (["23456", "NUV", "--seed", "-1"], "--seed"),
        (["23456", "NUV", "--scene", "x.toml", "--legs", "2"], "the scene file names its legs"),
        (["23456", "NUV", "--scene", "x.toml", "--duration", "60"], "[[leg]]"),
    ],
)
def test_usage_errors_end_with_2(
    arguments: list[str], complaint: str, cli: Cli, tmp_path: Path
) -> None:
    done = cli("simulate", "--output", tmp_path / "made", *arguments)
    assert (done.code, done.out) == (2, "")
    assert complaint.lower() in " ".join(done.err.replace("│", " ").split()).lower()
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("eclipse", ["0", "37424", "38149", "47001"])
def test_eclipses_without_a_model_are_refused(eclipse: str, simulate: Cli, tmp_path: Path) -> None:
    done = simulate(eclipse, "NUV")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: eclipse {eclipse} ")
    assert done.err.endswith("choose one of 1-37423 or of 38150-47000\n")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("command", ["simulate 23456 NUV", "demo"])
def test_a_folder_with_anything_else_in_it_is_left_alone(
    command: str, cli: Cli, full_copy: Path
) -> None:
    before = parquet_hashes(full_copy)
    done = cli(*command.split(), "--output", full_copy)
    assert (done.code, done.out) == (1, "")
    assert "choose another --output" in done.err
    assert parquet_hashes(full_copy) == before
    assert not (full_copy / "truth").exists()


@pytest.mark.parametrize("command", ["simulate", "demo"])
def test_both_commands_explain_themselves(command: str, cli: Cli) -> None:
    done = cli(command, "--help")
    assert (done.code, done.err) == (0, "")
    assert f"gphoton-db {command}" in done.out
    assert "--output" in done.out


def test_the_demonstration_can_be_repeated_and_shows_the_flare_in_both_bands(
    demonstration: Demonstration,
) -> None:
    assert demonstration.shown.count(": ingested: ") == 2
    again = demonstration.said
    assert [each["outcome"] for each in again["ingests"]] == ["replaced", "replaced"]
    assert len(again["looks"]) >= 3
    for each in again["looks"]:
        for file in each["files"]:
            assert (demonstration.repeated / file).stat().st_size > 10_000
    with Archive(demonstration.repeated / "gphoton-demo") as archive:
        assert count(archive, "legs") == 4
        assert count(archive, "photons") == sum(leg.n_photons for leg in archive.legs())
        assert max(leg.exposure for leg in archive.legs()) < SHORT_S
    root = demonstration.folder / "gphoton-demo"
    with Archive(root) as archive:
        flare = look_at_flare(archive, root).rows
        (spot,) = archive.query(
            "SELECT avg(mask::INT) AS masked, count(*) AS photons FROM photons "
            "WHERE band = 'NUV' AND col BETWEEN 249 AND 251 AND \"row\" BETWEEN 329 AND 331"
        ).rows()
    assert flare is not None
    for band in ("fuv", "nuv"):
        rates = [row[band] for row in flare.rows()]
        assert rates.index(max(rates)) == 3
        assert max(rates) > 10 * max(rates[:3])
    assert (spot["masked"], spot["photons"] > 1000) == (1.0, True)


def test_the_demonstration_keeps_out_of_simulated_visits(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / MARK).write_text("Made up by gphoton-db simulate: ...\n")
    done = cli("demo", "--output", tmp_path)
    assert done.code == 1
    assert "was not made by gphoton-db demo" in done.err


def test_a_file_is_no_folder(simulate: Cli, tmp_path: Path) -> None:
    (tmp_path / "made").write_text("")
    done = simulate("23456", "NUV")
    assert done.code == 1
    assert "cannot be written" in done.err


@pytest.mark.parametrize("band", list(Band))
def test_an_empty_calibration_folder_is_named(band: Band, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = cli(
        "simulate", "23456", str(band), "--output", tmp_path / "made",
        "--calibration", tmp_path / "empty",
    )  # fmt: skip
    assert done.code == 1
    assert str(tmp_path / "empty") in done.err
