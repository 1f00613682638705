"""The archives of benchmarks of scale: as many legs as asked for, and probes with right results."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from benchmarks.mission_archive import MissionArchive, build
from benchmarks.mission_templates import PROBE, Templates, moved, read_templates

from gphoton_db.archive import Archive
from gphoton_db.mission import Band
from tests.archives import MakeArchive, SessionArchive, Star

N_LEGS, VISITS = 30, (1, 3)


@pytest.fixture(scope="module")
def source(session_archive: MakeArchive) -> SessionArchive:
    return session_archive("two_bands")


@pytest.fixture(scope="module")
def templates(source: SessionArchive) -> Templates:
    """One leg in each band stands for all kinds."""
    eclipse = source.visit.eclipse
    legs = {(kind, band): (eclipse, 0) for kind in ("strip", "field", PROBE) for band in Band}
    return read_templates(source.archive_path, legs)


@pytest.fixture(scope="module")
def made(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> MissionArchive:
    root = tmp_path_factory.mktemp("mission") / "archive"
    return build(root, N_LEGS, visits=VISITS, templates=templates)


@pytest.fixture(scope="module")
def archive(made: MissionArchive) -> Iterator[Archive]:
    with Archive(made.root) as opened:
        yield opened


def rows(archive: Archive, sql: str) -> list[dict[str, Any]]:
    return list(archive.query(sql).table.to_pylist())


def test_there_are_just_so_many_legs_and_all_their_files(
    made: MissionArchive, archive: Archive
) -> None:
    assert (made.n_legs, rows(archive, "SELECT count(*) AS n FROM legs")) == (
        N_LEGS,
        [{"n": N_LEGS}],
    )
    files = rows(archive, "FROM leg_files")
    assert len(files) == 4 * N_LEGS
    for file in files:
        assert (made.root / file["path"]).stat().st_size == file["size_bytes"]
    folder = rows(archive, "SELECT count(*) AS n FROM ticks GROUP BY eclipse, band, leg")
    assert len(folder) == N_LEGS


def test_probes_show_what_the_template_shows_as_often_as_asked_for(
    made: MissionArchive, archive: Archive, source: SessionArchive, templates: Templates
) -> None:
    star = source.star(Star.BRIGHT)
    curve = "FROM lightcurve({}, {}, 12.0, step := 20.0) ORDER BY eclipse, band, t0"
    with Archive(source.archive_path) as template:
        expected = rows(template, curve.format(star.ra, star.dec))
    assert [probe.visits for probe in made.probes] == list(VISITS)
    for probe in made.probes:
        place = moved(
            np.array([star.ra]),
            np.array([star.dec]),
            templates[PROBE, Band.NUV],
            np.array([probe.ra]),
            np.array([probe.dec]),
        )
        found = rows(archive, curve.format(*(float(v[0, 0]) for v in place)))
        assert len(found) == probe.visits * len(expected)
        assert sorted({row["eclipse"] for row in found}) == list(probe.eclipses)
        for row, same in zip(found, expected * probe.visits, strict=True):
            assert (row["band"], row["counts"]) == (same["band"], same["counts"])
            assert row["exposure"] == pytest.approx(same["exposure"], rel=1e-9)
            assert row["t1"] - row["t0"] == pytest.approx(20.0)


def test_the_plan_tells_of_every_eclipse(made: MissionArchive, archive: Archive) -> None:
    known = rows(archive, "FROM visits ORDER BY eclipse")
    assert {row["eclipse"] for row in known} == {visit.eclipse for visit in made.plan}
    legs = rows(archive, "SELECT eclipse, leg, t0 FROM legs")
    starts = {visit.eclipse: visit for visit in made.plan}
    for leg in legs:
        visit = starts[leg["eclipse"]]
        after = leg["leg"] * (visit.duration + visit.slew)
        assert leg["t0"] == pytest.approx(visit.start_ms / 1000 + after)


def test_outlines_may_be_each_leg_s_own(templates: Templates, tmp_path: Path) -> None:
    own = build(tmp_path / "a", 20, templates=templates, own_outlines=True)
    with Archive(own.root) as archive:
        outlines = rows(
            archive, "SELECT ra0, dec0, partial FROM legs JOIN coverage USING (eclipse, band, leg)"
        )
    assert len(outlines) == 20
    for row in outlines:
        region = shapely.from_wkb(bytes(row["partial"]))
        near = shapely.Point(row["ra0"], row["dec0"])
        assert any(region.contains(shapely.Point(near.x + turn, near.y)) for turn in (0, 360, -360))


def test_a_lost_catalogue_is_made_anew_where_that_was_asked_for(
    templates: Templates, tmp_path: Path
) -> None:
    made = build(tmp_path / "a", 12, templates=templates, rebuildable=True)
    tables = {"legs": "eclipse, band, leg", "leg_files": "path"}
    found = []
    for _ in range(2):
        with Archive(made.root) as archive:
            found.append(
                {name: rows(archive, f"FROM {name} ORDER BY {key}") for name, key in tables.items()}
            )
        (made.root / "gphoton.duckdb").unlink()
    assert found[1] == found[0]
    assert found[0]["legs"]


def test_probes_that_do_not_fit_are_refused(templates: Templates, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="20 visits of 1 probes do not fit into 30 legs"):
        build(tmp_path / "a", 30, visits=(20,), templates=templates)
