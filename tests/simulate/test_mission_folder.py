"""A small mission on disk: the same bytes each time, and ingested like the real one."""

import csv
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from astropy.io import fits

from gphoton_db.archive import Archive
from gphoton_db.mission import FIRST_RECOVERED_ECLIPSE, Band
from gphoton_db.paths import raw6_name
from gphoton_db.simulate.mission_folder import MadeMission, simulate_mission
from gphoton_db.simulate.mission_plan import FUV_LATE_S, PlannedVisit, plan_mission


@pytest.fixture(scope="module")
def plan() -> tuple[PlannedVisit, ...]:
    """Four legs of an all-sky eclipse in both bands, two visits of a field, and one after CSP."""
    visits = plan_mission(400)
    both = [visit for visit in visits if len(visit.bands) == 2]
    strip = next(visit for visit in both if visit.survey == "AIS")
    field = next(visit for visit in both if visit.survey == "DIS")
    again = next(v for v in visits if (v.survey, v.target, v.visit) == ("DIS", field.target, 2))
    late = next(v for v in visits if v.eclipse > FIRST_RECOVERED_ECLIPSE and v.survey == "MIS")
    strip = replace(strip, boresights=strip.boresights[:4])
    return tuple(sorted((strip, field, again, late), key=lambda visit: visit.eclipse))


@pytest.fixture(scope="module")
def made(
    plan: tuple[PlannedVisit, ...],
    synthetic_calibration: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> MadeMission:
    folder = tmp_path_factory.mktemp("mission")
    return simulate_mission(folder, plan, calibration=synthetic_calibration, photons=400)


def ingested_bands(visit: PlannedVisit) -> tuple[Band, ...]:
    """Return FUV of the first visit of the field, and NUV of the others."""
    return (Band.FUV,) if (visit.survey, visit.visit) == ("DIS", 1) else (Band.NUV,)


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_same_plan_makes_the_same_bytes_over_what_was_there(
    made: MadeMission, plan: tuple[PlannedVisit, ...], tmp_path: Path
) -> None:
    again = simulate_mission(tmp_path, plan[:1], calibration=made.calibration, photons=100)
    assert again.n_events < made.n_events
    simulate_mission(tmp_path, plan[:1], calibration=made.calibration, photons=400)
    first = {
        name: digest
        for name, digest in hashes(made.folder).items()
        if f"e{plan[0].eclipse:05d}" in name
    }
    assert first == {k: v for k, v in hashes(tmp_path).items() if k != "eclipses.csv"}


def test_the_list_names_every_band(made: MadeMission, plan: tuple[PlannedVisit, ...]) -> None:
    with made.eclipses.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    named = [(int(row["eclipse"]), row["band"]) for row in rows]
    assert named == [(visit.eclipse, band) for visit in plan for band in visit.bands]
    assert made.n_legs == sum(int(row["legs"]) for row in rows)
    assert {row["visit"] for row in rows if row["survey"] == "DIS"} == {"1", "2"}


def test_the_spacecraft_says_what_was_planned_and_when_fuv_came_on(
    made: MadeMission, plan: tuple[PlannedVisit, ...]
) -> None:
    for visit in plan:
        name = f"e{visit.eclipse:05d}"
        with fits.open(made.folder / "pointing" / name / f"{name}-scst.fits.gz") as state:
            header, rows = state[0].header, state[1].data
        assert (header["MPSTYPE"], header["VISIT"]) == (visit.survey, visit.visit)
        late = FUV_LATE_S if Band.FUV in visit.bands else header["NHVNOMN"]
        assert header["NHVNOMN"] - header["NHVNOMF"] == late
        assert rows["hvnom_fuv"].sum() == header["NHVNOMF"]


def test_an_archive_takes_it_as_the_mission_s_own(
    made: MadeMission, plan: tuple[PlannedVisit, ...], tmp_path: Path
) -> None:
    with Archive(tmp_path) as archive:
        for visit in plan:
            for band in ingested_bands(visit):
                archive.ingest(
                    visit.eclipse,
                    band,
                    raw6=made.folder / "raw6" / raw6_name(visit.eclipse, band),
                    pointing=made.folder / "pointing",
                    calibration=made.calibration,
                )
        legs = archive.legs()
        known = archive.query("FROM eclipses ORDER BY eclipse").table.to_pylist()
    assert {(leg.eclipse, leg.band, leg.leg) for leg in legs} == {
        (visit.eclipse, band, k)
        for visit in plan
        for band in ingested_bands(visit)
        for k in range(len(visit.boresights))
    }
    assert [(row["eclipse"], row["plan_type"], row["visit"]) for row in known] == [
        (visit.eclipse, visit.survey, visit.visit) for visit in plan
    ]
    for leg in legs:
        # 400 photons at 150 a second, less what the flat takes.
        assert 250 < leg.n_unflagged < 450
        assert 2.2 < leg.exposure < 2.7
