"""What `import gphoton_db` offers, what it costs, and that options are the same everywhere."""

import ast
import inspect
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import gphoton_db
from gphoton_db import Archive
from gphoton_db.errors import GPhotonError
from gphoton_db.intake.options import IngestChoices, IngestOptions, InputChoices
from gphoton_db.products.hips.options import HipsChoices, HipsOptions
from gphoton_db.products.images.options import ImageChoices, ImageOptions
from gphoton_db.products.lightcurves.options import (
    LightCurveChoices,
    LightCurveOptions,
    MeasurementChoices,
)
from gphoton_db.products.maps.options import CutoutChoices, MapChoices, MapOptions
from gphoton_db.products.movies.options import MovieChoices, MovieOptions
from gphoton_db.products.search_options import SearchChoices, SearchOptions
from gphoton_db.products.sources.photometry_options import PhotometryChoices, PhotometryOptions

TAKEN: dict[str, tuple[type, type]] = {
    "cutout": (MapOptions, CutoutChoices),
    "hips": (HipsOptions, HipsChoices),
    "image": (ImageOptions, ImageChoices),
    "ingest": (IngestOptions, IngestChoices),
    "ingest_many": (IngestOptions, IngestChoices),
    "lightcurve": (LightCurveOptions, LightCurveChoices),
    "lightcurve_blocks": (LightCurveOptions, MeasurementChoices),
    "lightcurve_columns": (LightCurveOptions, LightCurveChoices),
    "lightcurves": (LightCurveOptions, MeasurementChoices),
    "lightcurves_many": (LightCurveOptions, MeasurementChoices),
    "map": (MapOptions, MapChoices),
    "movie": (MovieOptions, MovieChoices),
    "photometry": (PhotometryOptions, PhotometryChoices),
    "run": (IngestOptions, InputChoices),
    "run_many": (IngestOptions, InputChoices),
    "search": (SearchOptions, SearchChoices),
    "write_lightcurves": (LightCurveOptions, MeasurementChoices),
}
"""Methods of `Archive`, the options that they take, and those of them that a caller may give."""


def modules_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


@pytest.mark.parametrize(
    "statement", ["import gphoton_db", "from gphoton_db import Band, RunOptions, GPhotonError"]
)
def test_what_is_light_loads_neither_duckdb_nor_numpy(statement: str) -> None:
    heavy = {"duckdb", "numpy", "pyarrow", "pandas", "numba", "astropy", "shapely", "scipy"}
    assert modules_after(statement) & heavy == set()


@pytest.mark.parametrize("name", gphoton_db.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(gphoton_db, name) is not None
    assert name in dir(gphoton_db)


def test_type_checkers_see_what_is_there() -> None:
    tree = ast.parse(Path(inspect.getfile(gphoton_db)).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    imported = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    seen = {a.name: str(n.module).partition(".")[2] for n in imported for a in n.names}
    assert seen == gphoton_db._MODULE_OF
    assert sorted([*seen, "__version__"]) == sorted(gphoton_db.__all__)


def test_all_errors_are_public() -> None:
    import gphoton_db.errors

    errors = {
        name
        for name, value in vars(gphoton_db.errors).items()
        if isinstance(value, type) and issubclass(value, GPhotonError)
    }
    assert errors - set(gphoton_db.__all__) == set()


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = gphoton_db.Nothing


@pytest.mark.parametrize("method", sorted(TAKEN))
def test_choices_are_fields_of_the_options(method: str) -> None:
    options, choices = TAKEN[method]
    of_fields, of_choices = get_type_hints(options), get_type_hints(choices)
    # Where a quantity may be given, the field is the number that it settles to.
    of_choices |= {name: of_fields.get(name) for name, kind in of_choices.items() if kind is Any}
    assert {name: of_fields.get(name) for name in of_choices} == of_choices
    assert set(of_choices) <= set(of_fields)


@pytest.mark.parametrize("method", sorted(TAKEN))
def test_the_signature_shows_each_option_and_its_default(method: str) -> None:
    options, choices = TAKEN[method]
    shown = inspect.signature(getattr(Archive, method)).parameters
    assert not any(parameter.kind is parameter.VAR_KEYWORD for parameter in shown.values())
    defaults: dict[str, Any] = {field.name: field.default for field in fields(options)}
    for name in choices.__annotations__:
        required = method == "movie" and name == "depth"
        expected = inspect.Parameter.empty if required else defaults[name]
        assert shown[name].default is expected or shown[name].default == expected


@pytest.mark.parametrize(
    "name", sorted(n for n, v in vars(Archive).items() if callable(v) and n[0] != "_")
)
def test_the_docstring_explains_every_parameter(name: str) -> None:
    method = getattr(Archive, name)
    text = inspect.getdoc(method) or ""
    if name in ("reads", "legs", "close"):
        return  # what they take is said in their first line
    for parameter in list(inspect.signature(method).parameters.values()):
        if parameter.name != "self":
            heads = [line for line in text.splitlines() if line and line[0] != " "]
            stated = {
                word.strip(" *") for line in heads for word in line.split(" : ")[0].split(",")
            }
            assert parameter.name in stated


def test_an_option_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive, pytest.raises(TypeError, match="pixels"):
        archive.image(23456, "NUV", pixels=2)  # type: ignore[call-overload]
