"""Scene files: what they make, and how each mistake is named."""

from pathlib import Path

import numpy as np
import pytest

from gphoton_db.errors import SimulationError
from gphoton_db.simulate.light_curves import Constant, Flare, Tabulated
from gphoton_db.simulate.plan import Detector, LegPlan, PointingTable
from gphoton_db.simulate.scene import BandMagnitudes, BandRates, Galaxy, Ghost, Hotspot, Scene
from gphoton_db.simulate.scene_file import VisitPlan, read_scene

LEG = "[[leg]]\nra0 = 10.0\ndec0 = 20.0\n"
SOURCE = "[[source]]\nra = 10.0\ndec = 20.0\n"


def read(folder: Path, text: str) -> VisitPlan:
    path = folder / "scene.toml"
    path.write_text(text, encoding="utf-8")
    return read_scene(path)


def complaints(folder: Path, text: str) -> list[str]:
    """Return what is said of a scene, without the file's name, which every line begins with."""
    with pytest.raises(SimulationError) as refusal:
        read(folder, text)
    start = f"{folder / 'scene.toml'}: "
    lines = str(refusal.value).splitlines()
    assert all(line.startswith(start) for line in lines)
    return [line.removeprefix(start) for line in lines]


def test_a_leg_is_enough(tmp_path: Path) -> None:
    assert read(tmp_path, LEG) == VisitPlan((LegPlan(10.0, 20.0),), Scene(), Detector())


def test_every_key_arrives_where_it_belongs(tmp_path: Path) -> None:
    text = f"""
    background = {{ nuv = 1000, fuv = 100.0 }}
    psf_fwhm = 5.0
    {LEG}
    dark = [[10, 12.5]]
    {SOURCE}
    magnitude = {{ nuv = 17.0 }}
    light_curve = {{ kind = "flare", start = 20, peak = 8.0 }}
    [[galaxy]]
    ra = 10.1
    dec = 20.1
    half_light_radius = 15
    rate = 4.0
    [[hotspot]]
    col = 100
    row = 200
    rate = 3
    [[ghost]]
    ra = 10.0
    dec = 20.2
    rate = 1.0
    [detector]
    dead_time = false
    """
    plan = read(tmp_path, text)
    assert plan.legs[0].dark == ((10.0, 12.5),)
    assert plan.detector == Detector(dead_time=False)
    (star,) = plan.scene.sources
    assert star.magnitude == BandMagnitudes(nuv=17.0)
    assert star.light_curve == Flare(start=20.0, peak=8.0)
    assert plan.scene == Scene(
        sources=(star,),
        galaxies=(Galaxy(10.1, 20.1, 15.0, rate=4.0),),
        hotspots=(Hotspot(100.0, 200.0, rate=3.0),),
        ghosts=(Ghost(10.0, 20.2, 1.0),),
        background=BandRates(nuv=1000.0, fuv=100.0),
        psf_fwhm=5.0,
    )


def test_tables_may_lie_in_csv_files_beside_the_scene(tmp_path: Path) -> None:
    rows = "".join(f"{k}, {-k}\n" for k in range(4))
    (tmp_path / "dither.csv").write_text(f"x, y\n{rows}")
    (tmp_path / "curve.csv").write_text("seconds,factors,note\n0,1,low\n10,2.5,high\n")
    plan = read(
        tmp_path,
        f'{LEG}duration = 3\ndither = {{ kind = "table", file = "dither.csv" }}\n'
        f'{SOURCE}rate = 1\nlight_curve = {{ kind = "table", file = "curve.csv" }}\n',
    )
    assert plan.legs[0].dither == PointingTable((0.0, 1.0, 2.0, 3.0), (0.0, -1.0, -2.0, -3.0))
    assert plan.scene.sources[0].light_curve == Tabulated((0.0, 10.0), (1.0, 2.5))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "leg: missing; a visit needs at least one pointing"),
        ("leg = []", "leg: missing; a visit needs at least one pointing"),
        ("[leg]\nra0 = 1", "leg: must be written [[leg]], in double brackets"),
        (f"backgroud = 3\n{LEG}", "backgroud: unknown key; did you mean 'background'?"),
        (f"background = -1\n{LEG}", "background: must be 0 or more, not -1"),
        (f"psf_fwhm = 0\n{LEG}", "psf_fwhm: must be more than 0, not 0"),
        (f"{LEG}duration = 60.5", "leg[0].duration: must be a whole number, not 60.5"),
        (f"{LEG}gaps = [[1, 2, 3]]", "leg[0].gaps[0]: must have at most 2 values, not 3"),
        (
            f'{LEG}dither = {{ kind = "table", x = [0], y = [0] }}',
            "leg[0]: its dither table has 1 rows; 60 s need 61",
        ),
        (f"{LEG}{SOURCE}rate = nan", "source[0].rate: must be a finite number, not nan"),
        (f"{LEG}{SOURCE}rate = inf", "source[0].rate: must be a finite number, not inf"),
        (f"{LEG}{SOURCE}rate = true", "source[0].rate: must be a number, not true"),
        (f'{LEG}{SOURCE}rate = "3"', "source[0].rate: must be a number, not '3'"),
        (f"{LEG}{SOURCE}rate = {{ nuv = -1 }}", "source[0].rate.nuv: must be 0 or more, not -1"),
        (f"{LEG}{SOURCE}", "source[0]: needs either rate or magnitude"),
        (f"{LEG}[[source]]\nra = 10\nrate = 1", "source[0].dec: missing"),
        (f"{LEG}source = 3", "leg[0].source: unknown key; known are ra0, dec0, roll0, "),
        (f"source = 3\n{LEG}", "source: must be a list, not 3"),
        (f"{LEG}[detector]\nstim_rat = 1", "detector.stim_rat: unknown key; did you mean"),
        (
            f"{LEG}[[stars]]\nnumber = 3\nmagnitude = {{ nuv = [20, 15] }}",
            "stars[0].magnitude: the brighter magnitude comes first, not [20.0, 15.0]",
        ),
        (
            f"{LEG}[[stars]]\nnumber = 3\nmagnitude = {{ nuv = [15, 20] }}\nleg = 1",
            "stars[0].leg: there is no leg 1; they count from 0 to 0",
        ),
        (
            f"{LEG}[[stars]]\nnumber = 3\nmagnitude = {{ nuv = [15, 20] }}\nra = 50\ndec = 0",
            "stars[0]: none of its stars is in the field of any leg",
        ),
        ("x =", "is not TOML ("),
        ("\0", "is not TOML ("),
    ],
)
def test_a_mistake_is_named_by_its_key(text: str, complaint: str, tmp_path: Path) -> None:
    (line,) = complaints(tmp_path, text)
    assert line.startswith(complaint)


@pytest.mark.parametrize(
    ("curve", "complaint"),
    [
        ('{ kind = "flare", start = 3 }', ".peak: missing"),
        ('{ kind = "flair" }', ".kind: unknown kind 'flair'; did you mean 'flare'?"),
        ("{ start = 3 }", ".kind: missing; it is one of constant, flare, sinusoid, eclipse, table"),
        ("3", ": must be a table of keys, not 3"),
        (
            '{ kind = "sinusoid", period = 9, amplitude = 2 }',
            ".amplitude: must be 1 or less, not 2",
        ),
        (
            '{ kind = "sinusoid", period = 9, amplitude = 1, phase = 2 }',
            ".phase: unknown key; known are period, amplitude, maximum, kind",
        ),
        (
            '{ kind = "table", seconds = [1, 2], factors = [1] }',
            ": seconds has 2 values and factors has 1",
        ),
        (
            '{ kind = "table", seconds = [], factors = [] }',
            ".seconds: must have at least 1 values, not 0",
        ),
    ],
)
def test_half_a_light_curve_is_named_by_its_key(curve: str, complaint: str, tmp_path: Path) -> None:
    (line,) = complaints(tmp_path, f"{LEG}{SOURCE}rate = 1\nlight_curve = {curve}")
    assert line == f"source[0].light_curve{complaint}"


def test_all_mistakes_are_named_at_once_in_the_order_of_the_keys(tmp_path: Path) -> None:
    text = (
        f"{LEG}{SOURCE}magnitud = {{ nuv = 3 }}\n{SOURCE}rate = -3.0\n"
        f'[[source]]\nra = 400\ndec = "north"\nrate = 1\n[detector]\nspread = -1\n'
    )
    assert complaints(tmp_path, text) == [
        "source[0].magnitud: unknown key; did you mean 'magnitude'?",
        "source[1].rate: must be 0 or more, not -3.0",
        "source[2].ra: must be less than 360, not 400",
        "source[2].dec: must be a number, not 'north'",
        "detector.spread: must be 0 or more, not -1",
    ]


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        (None, "curve.csv cannot be read (No such file or directory)"),
        ("seconds,factor\n1,2\n", "curve.csv has no column factors; its first line must name"),
        ("seconds,factors\n1,2\n2,\n", "curve.csv, line 3: factors must be a number, not ''"),
        ("seconds,factors\n1\n", "curve.csv, line 2: factors must be a number, not None"),
    ],
)
def test_a_table_that_cannot_be_read_is_named_with_the_other_mistakes(
    table: str | None, complaint: str, tmp_path: Path
) -> None:
    if table is not None:
        (tmp_path / "curve.csv").write_text(table)
    text = f'{LEG}{SOURCE}rate = -1\nlight_curve = {{ kind = "table", file = "curve.csv" }}'
    unreadable, other = complaints(tmp_path, text)
    assert unreadable.startswith("source[0].light_curve.file: ")
    assert complaint in unreadable
    assert other == "source[0].rate: must be 0 or more, not -1"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match=r"none\.toml: cannot be read \(No such file"):
        read_scene(tmp_path / "none.toml")


def test_a_source_off_the_field_is_named(tmp_path: Path) -> None:
    (line,) = complaints(tmp_path, f"{LEG}[[source]]\nra = 10\ndec = 25\nrate = 1")
    assert line.startswith("source[0] (ra 10.0, dec 25.0) is 5.00 deg from the nearest leg's")


FIELD = "[[stars]]\nnumber = 2000\nmagnitude = { nuv = [15, 20], fuv = [17, 21] }\n"


def test_five_lines_make_a_thousand_stars_about_a_leg(tmp_path: Path) -> None:
    plan = read(tmp_path, f"{LEG}{SOURCE}rate = 1\n{FIELD}radius = 0.5\n")
    first, *stars = plan.scene.sources
    assert (first.rate, len(stars)) == (1.0, 2000)
    assert all(star.light_curve == Constant() for star in stars)
    offset = np.array([((s.ra - 10) * np.cos(np.radians(s.dec)), s.dec - 20) for s in stars])
    radius = np.hypot(*offset.T)
    assert radius.max() < 0.501
    # Even over the disc: half of them within 1/sqrt(2) of its radius, none of it favoured.
    assert np.mean(radius < 0.5 / np.sqrt(2)) == pytest.approx(0.5, abs=0.04)
    assert offset.mean(axis=0) == pytest.approx([0, 0], abs=0.02)


def test_star_counts_follow_their_slope(tmp_path: Path) -> None:
    stars = read(tmp_path, f"{LEG}{FIELD}slope = 0.4\nseed = 3").scene.sources
    magnitudes = [star.magnitude for star in stars if star.magnitude is not None]
    nuv = np.array([each.nuv for each in magnitudes], np.float64)
    fuv = np.array([each.fuv for each in magnitudes], np.float64)
    assert (nuv.min() >= 15, nuv.max() <= 20, fuv.min() >= 17, fuv.max() <= 21) == (True,) * 4
    expected = (10 ** (0.4 * 4) - 1) / (10 ** (0.4 * 5) - 1)
    assert np.mean(nuv < 19) == pytest.approx(expected, abs=0.04)
    assert np.array_equal(np.argsort(nuv), np.argsort(fuv))


def test_random_stars_are_the_same_every_time_and_differ_by_seed(tmp_path: Path) -> None:
    first, again = (read(tmp_path, f"{LEG}{FIELD}seed = 3").scene for _ in range(2))
    assert first == again
    assert read(tmp_path, f"{LEG}{FIELD}seed = 4").scene.sources[0] != first.sources[0]


def test_stars_that_no_leg_sees_are_left_out(tmp_path: Path) -> None:
    wide = read(tmp_path, f"{LEG}{FIELD}radius = 1.25\nra = 10.0\ndec = 20.0").scene
    assert len(wide.sources) == pytest.approx(2000 / 4, rel=0.15)
