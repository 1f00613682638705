"""Methods that take the fields of a dataclass as keyword arguments, and show them as such.

A dataclass of options states the names, defaults and explanations of a method's options once; a
``TypedDict`` of the same names lets a type checker see them through ``**options``.  `takes` puts
them into the method's signature and docstring, where ``help()`` and tab completion look.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def takes(options: type, choices: type) -> Callable[[Function], Function]:
    """Return a decorator that spells out the ``**options`` of a function.

    Parameters
    ----------
    options : type
        A dataclass: defaults, and in the section *Parameters* of its docstring, explanations.
    choices : type
        A ``TypedDict``: names and types of those fields that the function takes.

    Notes
    -----
    The function's docstring has an entry ``**<name>`` with a line about the options; it becomes
    the entries of the dataclass.
    """
    kinds: Mapping[str, Any] = choices.__annotations__

    def spelled_out(function: Function) -> Function:
        signature = inspect.signature(function)
        swallowing = next(p for p in signature.parameters.values() if p.kind is p.VAR_KEYWORD)
        others = [p for p in signature.parameters.values() if p is not swallowing]
        named = [p for p in others if p.kind is p.KEYWORD_ONLY]
        function.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[*others[: -len(named) or None], *_parameters(options, kinds), *named]
        )
        if function.__doc__ and options.__doc__:  # python -OO has neither
            function.__doc__ = _with_entries(
                inspect.cleandoc(function.__doc__), swallowing.name, entries_of(options, kinds)
            )
        return function

    return spelled_out


def entries_of(options: type, names: Mapping[str, Any]) -> list[str]:
    """Return the lines about some fields in the section *Parameters* of a dataclass's docstring."""
    lines = inspect.cleandoc(options.__doc__ or "").splitlines()
    start = lines.index("Parameters") + 2
    entries: list[str] = []
    wanted = False
    for number, line in enumerate(lines[start:], start):
        if number + 1 < len(lines) and lines[number + 1].startswith("---"):
            break  # the next section
        if line and not line.startswith(" "):
            wanted = any(name.strip() in names for name in line.partition(" : ")[0].split(","))
        if wanted and line:
            entries.append(line)
    return entries


def _parameters(options: type, kinds: Mapping[str, Any]) -> list[inspect.Parameter]:
    found = []
    for field in fields(options):
        if field.name in kinds:
            default = inspect.Parameter.empty if field.default is MISSING else field.default
            found.append(
                inspect.Parameter(
                    field.name,
                    inspect.Parameter.KEYWORD_ONLY,
                    default=default,
                    annotation=field.type,
                )
            )
    return found


def _with_entries(text: str, name: str, entries: list[str]) -> str:
    lines = text.splitlines()
    at = lines.index(f"**{name}")
    end = at + 1
    while end < len(lines) and lines[end].startswith(" "):
        end += 1
    return "\n".join([*lines[:at], *entries, *lines[end:]]) + "\n"
