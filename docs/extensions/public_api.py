"""The directive ``public-api``: what gphoton_db offers, following ``gphoton_db.__all__``.

``.. public-api:: KIND``, where the kind is

- ``archive``: the class `Archive`;
- ``names``: the other names of ``__all__``, without the errors;
- ``types``: further classes that those take or return, found in their annotations;
- ``errors``: what they raise.
"""

import inspect
import re
import typing
from collections.abc import Callable, Iterator
from enum import Enum
from functools import cache
from typing import Any, ClassVar

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import gphoton_db
from gphoton_db import errors


def _functions() -> dict[str, Any]:
    """Return the functions of ``__all__``, by their public names."""
    named = ((name, getattr(gphoton_db, name)) for name in gphoton_db.__all__)
    return {f"gphoton_db.{name}": value for name, value in named if inspect.isfunction(value)}


@cache
def _public() -> dict[str, type]:
    """Return the classes of ``__all__``, by their public names."""
    named = ((name, getattr(gphoton_db, name)) for name in gphoton_db.__all__)
    return {f"gphoton_db.{name}": value for name, value in named if inspect.isclass(value)}


def _names() -> dict[str, Any]:
    classes = {
        name: value
        for name, value in _public().items()
        if value is not gphoton_db.Archive and not issubclass(value, BaseException)
    }
    return classes | _functions()


def _errors() -> dict[str, type]:
    every = {
        value: f"gphoton_db.errors.{name}"
        for name, value in vars(errors).items()
        if inspect.isclass(value) and value.__module__ == errors.__name__
    }
    every.update({v: name for name, v in _public().items() if issubclass(v, BaseException)})
    return {name: value for value, name in every.items()}


@cache
def _types() -> dict[str, type]:
    """Return the classes of ours that public methods mention, and what those mention in turn."""
    known = set(_public().values()) | set(_errors().values())
    queue, found = [*_public().values()], dict[str, type]()
    while queue:
        for mentioned in _mentioned(queue.pop()):
            if mentioned not in known:
                known.add(mentioned)
                queue.append(mentioned)
                found[f"{mentioned.__module__}.{mentioned.__qualname__}"] = mentioned
    return dict(sorted(found.items()))


def _mentioned(owner: type) -> Iterator[type]:
    """Yield the classes of ours in the annotations of a class and of its public methods."""
    yield from (base for base in owner.__mro__[1:] if base.__module__.startswith("gphoton_db"))
    members = [m for name, m in vars(owner).items() if name[0] != "_" or name == "__init__"]
    functions = [_function(member) for member in members]
    for annotated in [owner, *filter(None, functions)]:
        for annotation in _annotations(annotated).values():
            yield from _classes(annotation)


def _function(member: object) -> Callable[..., Any] | None:
    if isinstance(member, property):
        return member.fget
    plain = getattr(member, "__func__", member)
    return plain if inspect.isfunction(plain) else None


def _annotations(annotated: Any) -> dict[str, Any]:
    """Return annotations, with those resolved that are text; a name under TYPE_CHECKING too."""
    module = inspect.getmodule(annotated)
    source = inspect.getsource(module) if module else ""
    names = dict(vars(module)) if module else {}
    for found in re.finditer(r"^    from (gphoton_db\S*) import (\w+(?:, \w+)*)$", source, re.M):
        origin = __import__(found[1], fromlist=["_"])
        names.update({name: getattr(origin, name) for name in found[2].split(", ")})
    resolved = {}
    for key, value in inspect.get_annotations(annotated).items():
        try:
            resolved[key] = eval(value, names) if isinstance(value, str) else value
        except NameError:  # of another package
            continue
    return resolved


def _classes(annotation: Any) -> Iterator[type]:
    if inspect.isclass(annotation) and annotation.__module__.startswith("gphoton_db"):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _classes(part)


KINDS: dict[str, Callable[[], dict[str, Any]]] = {
    "archive": lambda: {"gphoton_db.Archive": gphoton_db.Archive},
    "names": _names,
    "types": _types,
    "errors": _errors,
}


class PublicApi(SphinxDirective):
    """Documents all objects of a kind, each by autodoc."""

    required_arguments = 1
    option_spec: ClassVar = {}

    def run(self) -> list[nodes.Node]:
        """Return the documentation of each object."""
        lines = StringList()
        for name, value in KINDS[self.arguments[0]]().items():
            error = inspect.isclass(value) and issubclass(value, BaseException)
            kind = "function" if inspect.isfunction(value) else "exception" if error else "class"
            lines.append(f".. auto{kind}:: {name}", name)
            if error:
                lines.append("   :show-inheritance:", name)
            elif inspect.isclass(value) and issubclass(value, Enum):
                lines.append("   :undoc-members:", name)
            lines.append("", name)
        return self._parsed(lines)

    def _parsed(self, lines: StringList) -> list[nodes.Node]:
        holder = nodes.container()
        self.state.nested_parse(lines, 0, holder)
        return holder.children


def _parsable(*event: Any) -> tuple[str | None, str | None]:
    """Return a signature in which defaults without a text of Python (``<factory>``) are ``...``."""
    *_, signature, returns = event
    return re.sub(r"<\w+>", "...", signature) if signature else signature, returns


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive to Sphinx."""
    app.add_directive("public-api", PublicApi)
    app.connect("autodoc-process-signature", _parsable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
