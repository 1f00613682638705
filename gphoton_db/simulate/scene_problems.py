"""What is wrong with a scene file, in words: each problem names the key as the file has it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

Place = tuple[str | int, ...]
"""Keys and indices from the top of the file."""

ALTERNATIVES = {"float_type", "dataclass_type"}
"""Errors that say "nor is it this": a rate may be a number or a table."""

PLAIN_WORDS = {
    "bool_type": "must be true or false",
    "dataclass_type": "must be a table of keys",
    "dict_type": "must be a table of keys",
    "finite_number": "must be a finite number",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "string_type": "must be a text in quotes",
    "tuple_type": "must be a list",
}
LIMITS = {
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be {le:g} or less",
    "too_long": "must have at most {max_length} values",
    "too_short": "must have at least {min_length} values",
}
NO_LEG = "missing; a visit needs at least one pointing"


def problems(error: ValidationError, content: Any, model: type) -> list[str]:
    """Return a line for each thing that is wrong.

    Parameters
    ----------
    error : ValidationError
        What pydantic found.
    content : Any
        The file's content that it looked at.
    model : type
        The dataclass that the content should have made.
    """
    found: dict[Place, list[ErrorDetails]] = {}
    for each in error.errors(include_url=False):
        found.setdefault(_place(each, content), []).append(each)
    lines = []
    for place, errors in found.items():
        deeper = any(place == other[: len(place)] != other for other in found)
        lines += [_line(place, each, model) for each in _to_the_point(errors, deeper)]
    return lines


def written(place: Place) -> str:
    """Return a place as a person writes it: ``source[2].light_curve.peak``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return text.removeprefix(".")


def unknown_word(what: str, word: str, known: Sequence[str]) -> str:
    """Return that a key or kind is not known, and which is probably meant."""
    near = get_close_matches(word, known, n=1)
    meant = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
    return f"unknown {what}; {meant}"


def _place(error: ErrorDetails, content: Any) -> Place:
    """Return where an error lies in the file, without the alternatives that pydantic tried."""
    place: list[str | int] = []
    for step in error["loc"]:
        is_key = isinstance(content, Mapping) and step in content
        is_index = isinstance(content, list) and isinstance(step, int) and step < len(content)
        if is_key or is_index:
            content = content[step]
            place.append(step)
    if error["type"] == "missing":
        place.append(error["loc"][-1])
    return tuple(place)


def _to_the_point(errors: list[ErrorDetails], deeper: bool) -> list[ErrorDetails]:
    """Leave out what only follows from other errors, here or `deeper`.

    A value that may have one of two types is not of the other; a list whose entries are wrong is
    too short without them.
    """
    telling = [
        each
        for each in errors
        if each["type"] not in ALTERNATIVES and not (deeper and each["type"] == "too_short")
    ]
    return telling or ([] if deeper else errors[:1])


def _line(place: Place, error: ErrorDetails, model: type) -> str:
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    at = written(place)
    if place == ("leg",) and kind in ("missing", "too_short"):
        return f"leg: {NO_LEG}"
    if kind == "missing":
        return f"{at}: missing"
    if kind == "unexpected_keyword_argument":
        known = _known_keys(error["loc"][:-1], model)
        return f"{at}: {unknown_word('key', str(place[-1]), known)}"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _line_of_kind(at, error, _kinds(error["loc"], model))
    if kind == "value_error":
        return f"{at}: {context['error']}"
    if kind == "tuple_type" and len(place) == 1 and isinstance(value, Mapping):
        return f"{at}: must be written [[{at}]], in double brackets"
    if kind.startswith("too_"):
        return f"{at}: {LIMITS[kind].format(**context)}, not {context['actual_length']}"
    what = LIMITS[kind].format(**context) if kind in LIMITS else PLAIN_WORDS.get(kind, error["msg"])
    return f"{at}: {what}, not {_shown(value)}"


def _line_of_kind(at: str, error: ErrorDetails, known: Sequence[str]) -> str:
    if error["type"] == "union_tag_not_found":
        return f"{at}.kind: missing; it is one of {', '.join(known)}"
    tag = str(error["ctx"]["tag"])
    return f"{at}.kind: {unknown_word(f'kind {tag!r}', tag, known)}"


def _shown(value: Any) -> str:
    """Return a value as TOML has it, cut short."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a table"
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _known_keys(steps: tuple[str | int, ...], model: type) -> list[str]:
    """Return the keys that the table at a place may have."""
    classes = _classes_at(steps, model)
    return [field.name for each in classes for field in fields(each)]


def _kinds(steps: tuple[str | int, ...], model: type) -> list[str]:
    return [str(_kind_of(each)) for each in _classes_at(steps, model)]


def _classes_at(steps: tuple[str | int, ...], model: type) -> list[type]:
    """Follow pydantic's own steps, which name the alternative that was tried, down the model."""
    classes = [model]
    for step in steps:
        named = [each for each in classes if step in (each.__name__, _kind_of(each))]
        below = [
            found
            for each in classes
            for field in fields(each)
            if field.name == step
            for found in _dataclasses_in(field.type)
        ]
        classes = named or below or classes
    return classes


def _kind_of(model: type) -> str | None:
    """Return the value of `kind` by which a file chooses this one of several tables."""
    return getattr(model, "kind", None)


def _dataclasses_in(annotation: Any) -> Iterator[type]:
    """Yield the dataclasses of an annotation, such as each of a union."""
    if isinstance(annotation, type) and is_dataclass(annotation):
        yield annotation
    for part in get_args(annotation):
        yield from _dataclasses_in(part)
