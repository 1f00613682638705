"""Many eclipses by one command, from an empty folder: fetched, reduced, killed, started again."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gphoton_db.aspect.read import read_pointing
from gphoton_db.intake.many.failed_list import read_failed
from gphoton_db.mission import Band
from gphoton_db.paths import raw6_name
from gphoton_db.simulate.pointing_files import write_scst
from tests import mastfaults
from tests.gphoton_db.archives import (
    Sources,
    assert_sound,
    assert_tidy,
    run_program,
    start_program,
)
from tests.gphoton_db.many_visits import (
    BEFORE_THE_STALL,
    BROKEN,
    ECLIPSES,
    NO_POINTING,
    STALLED,
    WHOLE,
    ingested_in,
    legs_there,
    make_many_visits,
    wait_for_legs,
    workers_of,
)
from tests.mastserver import MastServer
from tests.mastvisits import aspect_rows

ALL = ("--eclipses", f"{ECLIPSES[0]}-{ECLIPSES[-1]}", "--bands", "NUV", "--jobs", "2")


@pytest.fixture
def server(nuv: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MastServer]:
    """Serve all, with what is broken."""
    visits = make_many_visits(tmp_path, nuv)
    legs = read_pointing(nuv.pointing, nuv.eclipse).legs
    with MastServer() as made:
        for eclipse in ECLIPSES:
            none = np.zeros(0, np.int64)
            scst = write_scst(
                tmp_path / "scst", legs, missing_ms=none, eclipse=eclipse, fuv_temperature=-5.0
            )
            made.add_visit(
                eclipse,
                raw6={Band.NUV: visits.raw6 / raw6_name(eclipse, Band.NUV)},
                scst=None if eclipse == NO_POINTING else scst,
                aspect=[] if eclipse == NO_POINTING else aspect_rows(eclipse, legs),
            )
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield made


def test_killed_half_way_and_started_again_nothing_is_fetched_or_reduced_twice(
    server: MastServer, nuv: Sources, tmp_path: Path
) -> None:
    root, calibration = tmp_path / "archive", f"--calibration={nuv.calibration}"
    for eclipse in STALLED:
        server.misbehave(raw6_name(eclipse, Band.NUV), mastfaults.stalled(20_000))
    command = ["--archive", str(root), "ingest", *ALL, calibration]
    process = start_program(command, folder=tmp_path)
    wait_for_legs(root, process)
    workers = workers_of(process.pid)
    process.kill()
    process.communicate()
    assert ingested_in(root) == list(BEFORE_THE_STALL)
    assert_sound(root)
    again = run_program(command, folder=tmp_path)
    assert again.returncode == 3, again.stderr
    assert f"{len(BEFORE_THE_STALL)} skipped, in the archive already" in again.stderr
    assert ingested_in(root) == list(WHOLE)
    assert [leg[0] for leg in legs_there(root)] == [each for each in WHOLE for _ in (0, 1)]
    assert len({leg[2:] for leg in legs_there(root)}) == 2  # all are alike
    assert [each.eclipse for each in read_failed(root / "failed-eclipses.csv")] == list(BROKEN)
    assert_sound(root)
    assert_tidy(root)
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]
    assert_fetched_once(server)


def assert_fetched_once(server: MastServer) -> None:
    """Check that every file was asked for once, and those that broke off for their rest."""
    for eclipse in WHOLE:
        times = 2 if eclipse in STALLED else 1
        assert server.asked(raw6_name(eclipse, Band.NUV)) == times
        assert server.asked(f"e{eclipse}-scst") == 1
        assert server.asked(f"from aspect_data where eclipse={eclipse} ") == 1
    assert server.ranges_asked == ["bytes=20000-"] * len(STALLED)
