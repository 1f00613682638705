"""Scene files: what to simulate, written by a person in TOML (docs/simulator.md has an example)."""

import csv
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import pydantic.dataclasses
from pydantic import Field, TypeAdapter, ValidationError

from gphoton_db.errors import SimulationError
from gphoton_db.simulate.budget import check_scene
from gphoton_db.simulate.plan import Detector, LegPlan
from gphoton_db.simulate.scene import Galaxy, Ghost, Hotspot, Rate, Scene, Source
from gphoton_db.simulate.scene_problems import problems, written
from gphoton_db.simulate.star_field import StarField, draw_stars, seen_by_any
from gphoton_db.simulate.validated import STRICT, Positive

TABLES = {
    ("leg", "dither"): ("x", "y"),
    ("source", "light_curve"): ("seconds", "factors"),
}
"""Tables that may lie in a CSV file, and its columns."""


@dataclass(frozen=True)
class VisitPlan:
    """All that `simulate_visit` needs to know about what is seen, and how."""

    legs: tuple[LegPlan, ...]
    scene: Scene
    detector: Detector


@pydantic.dataclasses.dataclass(frozen=True, config=STRICT)
class _SceneFile:
    """The keys of a scene file."""

    leg: Annotated[tuple[LegPlan, ...], Field(min_length=1)]
    source: tuple[Source, ...] = ()
    stars: tuple[StarField, ...] = ()
    galaxy: tuple[Galaxy, ...] = ()
    hotspot: tuple[Hotspot, ...] = ()
    ghost: tuple[Ghost, ...] = ()
    background: Rate = Scene().background
    psf_fwhm: Positive | None = None
    detector: Detector = Detector()


def read_scene(path: Path) -> VisitPlan:
    """Read a scene file.

    Random fields of stars come as sources, after those that the file lists; the stars that no leg
    can see are left out.  Names of CSV files are relative to the scene file's folder.

    Raises
    ------
    SimulationError
        If it cannot be read, or is wrong in any way: a line for each problem, with its key.
    """
    content = _read_toml(path)
    unreadable = _read_tables(content, path.parent)
    try:
        # JSON, because only there "strict" takes lists for tuples but no text for a number.
        file = TypeAdapter(_SceneFile).validate_json(json.dumps(content, default=str), strict=True)
    except ValidationError as error:
        raise _refused(path, unreadable + problems(error, content, _SceneFile)) from None
    if unreadable:
        raise _refused(path, unreadable)
    scene = Scene(
        file.source, file.galaxy, file.hotspot, file.ghost, file.background, file.psf_fwhm
    )
    try:
        check_scene(file.leg, scene)
        stars = [star for k in range(len(file.stars)) for star in _stars(file, k)]
    except SimulationError as error:
        raise _refused(path, str(error).splitlines()) from None
    scene = replace(scene, sources=(*file.source, *stars))
    return VisitPlan(file.leg, scene, file.detector)


def _refused(path: Path, lines: Sequence[str]) -> SimulationError:
    return SimulationError("\n".join(f"{path}: {line}" for line in lines))


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SimulationError(f"{path}: cannot be read ({error.strerror or error})") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SimulationError(f"{path}: is not TOML ({error})") from None


def _stars(file: _SceneFile, number: int) -> list[Source]:
    """Return the stars of a random field that at least one leg can see."""
    field = file.stars[number]
    if field.ra is not None and field.dec is not None:
        ra0, dec0 = field.ra, field.dec
    elif (field.leg or 0) < len(file.leg):
        about = file.leg[field.leg or 0]
        ra0, dec0 = about.ra0, about.dec0
    else:
        raise SimulationError(
            f"stars[{number}].leg: there is no leg {field.leg}; they count from 0 "
            f"to {len(file.leg) - 1}"
        )
    stars = seen_by_any(draw_stars(field, ra0, dec0), [(leg.ra0, leg.dec0) for leg in file.leg])
    if not stars:
        raise SimulationError(f"stars[{number}]: none of its stars is in the field of any leg")
    return list(stars)


def _read_tables(content: dict[str, Any], folder: Path) -> list[str]:
    """Put the columns of CSV files in the place of the files' names; return what went wrong."""
    unreadable = []
    for (group, key), columns in TABLES.items():
        entries = content.get(group)
        for number, entry in enumerate(entries if isinstance(entries, list) else []):
            table = entry.get(key) if isinstance(entry, dict) else None
            if isinstance(table, dict) and table.get("kind") == "table" and "file" in table:
                try:
                    table.update(_read_csv(folder / str(table.pop("file")), columns))
                except ValueError as error:
                    unreadable.append(f"{written((group, number, key, 'file'))}: {error}")
                    del entry[key]  # so that the rest of the scene is looked at too
    return unreadable


def _read_csv(path: Path, columns: Sequence[str]) -> dict[str, list[float]]:
    """Return columns of numbers.

    Raises
    ------
    ValueError
        If they are not there.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file, skipinitialspace=True)
            missing = [name for name in columns if name not in (rows.fieldnames or ())]
            if missing:
                raise ValueError(
                    f"{path} has no column {' nor '.join(missing)}; its first line must name "
                    f"{' and '.join(columns)}"
                )
            values: dict[str, list[float]] = {name: [] for name in columns}
            for row in rows:
                for name in columns:
                    values[name].append(_number(row[name], path, rows.line_num, name))
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not text ({error})") from None
    return values


def _number(text: str | None, path: Path, line: int, column: str) -> float:
    try:
        return float(text or "")
    except ValueError:
        raise ValueError(f"{path}, line {line}: {column} must be a number, not {text!r}") from None
