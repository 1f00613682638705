"""Which names the code has: what pages and docstrings may mention.

Nothing is imported to find out, but for the dotted names that are asked for.
"""

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("gphoton_db", "aspect", "ingest", "products", "sql")

QUOTED = re.compile(r"(?<![`\w:\\])`([A-Za-z_][\w.]*)(?:\(\))?`(?!`)")
"""A name in single backticks, which numpydoc means for names of Python."""


@dataclass
class Names:
    """The names of one module.

    Parameters
    ----------
    public : set of str
        What it defines or imports at its top, and the members of its classes.
    inside : set of str
        Parameters and variables of its functions.
    texts : list of str
        Its strings, docstrings among them.
    """

    public: set[str] = field(default_factory=set)
    inside: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)


def modules() -> Iterator[Path]:
    """Yield the files of the package, of all its folders."""
    for folder in FOLDERS:
        yield from sorted((ROOT / folder).rglob("*.py"))


def module_name(path: Path) -> str:
    """Return the name that a file is imported by."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts if parts[0] == "gphoton_db" else ("gphoton_db", *parts)
    return ".".join(parts).removesuffix(".__init__")


def names_of(tree: ast.Module) -> Names:
    """Return the names of a module."""
    found = Names()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.public |= {(each.asname or each.name).split(".")[0] for each in node.names}
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.public.add(node.name)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                found.texts.append(node.value)
        else:
            found.inside |= set(_inside(node))
    for node in tree.body:
        for each in node.body if isinstance(node, ast.ClassDef) else [node]:
            found.public |= set(_assigned(each))
    return found


def _inside(node: ast.AST) -> Iterator[str]:
    """Yield a parameter, variable or attribute that is set."""
    match node:
        case ast.arg():
            yield node.arg
        case ast.Name(ctx=ast.Store()):
            yield node.id
        case ast.Attribute(ctx=ast.Store()):
            yield node.attr


def _assigned(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement at the top of a module or class assigns to."""
    match node:
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case ast.Assign():
            yield from (each.id for each in node.targets if isinstance(each, ast.Name))


@cache
def index() -> dict[str, Names]:
    """Return the names of every module, by its own name."""
    return {module_name(p): names_of(ast.parse(p.read_text("utf-8"))) for p in modules()}


@cache
def public_names() -> frozenset[str]:
    """Return the names that any module defines or imports, and the modules' own last names."""
    defined = frozenset[str]().union(*(names.public for names in index().values()))
    return defined | {name.rsplit(".", 1)[-1] for name in index()}


@cache
def exists(dotted: str) -> bool:
    """Return whether there is such a module, or such an attribute of one."""
    parts = dotted.split(".")
    for n in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:n]))
        except ImportError:
            continue
        for name in parts[n:]:
            if not hasattr(found, name) and name not in getattr(found, "__annotations__", {}):
                return False
            found = getattr(found, name, None)
        return True
    return False


def is_known(name: str, module: str | None = None) -> bool:
    """Return whether a name in single backticks is one of the code.

    Parameters
    ----------
    name : str
        Dotted or not.
    module : str, optional
        Where it is mentioned: the parameters of its functions are known there.
    """
    if name.startswith("gphoton_db."):
        return exists(name)
    parts = name.split(".")
    here = index().get(module or "", Names())
    known = public_names() | here.public | here.inside
    return parts[0] in known and parts[-1] in known


def quoted_names() -> Iterator[tuple[str, str]]:
    """Yield module and name of what docstrings have in single backticks."""
    for module, names in index().items():
        for text in names.texts:
            for name in QUOTED.findall(text):
                yield module, name
