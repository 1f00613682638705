"""Modules of the page in one file: a browser then asks once, and not for each of them."""

import re
from collections.abc import Mapping

_IMPORT = re.compile(r'import (\{ [^}]+ \}) from "\./(\w+)\.js";')
_EXPORT = re.compile(r"export (?:async function|function|const|class) (\w+)\b")


def bundled(modules: Mapping[str, str], main: str) -> str:
    """Return the text of one module that does what `main` does with all that it imports.

    Each of the others is a function that is called once and returns what it exports.  Lines are as
    they were but for those that import and export, so that errors are easily found.

    Parameters
    ----------
    modules : mapping of str to str
        Their texts by name, without ``.js``.  They import by name alone, a line each, and export
        functions, constants and classes where these are defined.
    main : str
        The one that is run.

    Raises
    ------
    ValueError
        If a line imports or exports in another way, or modules import each other in a circle.
    """
    parts = [_as_function(name, modules[name]) for name in _in_order(modules, main)]
    text, exported = _rewritten(main, modules[main])
    if exported:
        raise ValueError(f"{main}.js is what is run, and exports {', '.join(exported)}")
    return "\n".join([*parts, f"// {main}.js", "{", text, "}", ""])


def _in_order(modules: Mapping[str, str], main: str) -> list[str]:
    """Return the modules that one imports, and those that they import, each after its own."""
    found: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ValueError(f"modules import each other: {' -> '.join([*above, name])}")
        for _, imported in _IMPORT.findall(modules[name]):
            if imported not in found:
                visit(imported, (*above, name))
        found.append(name)

    visit(main, ())
    return found[:-1]


def _as_function(name: str, text: str) -> str:
    body, exported = _rewritten(name, text)
    names = ", ".join(exported)
    return f"// {name}.js\nconst ${name} = (() => {{\n{body}\nreturn {{ {names} }};\n}})();"


def _rewritten(name: str, text: str) -> tuple[str, list[str]]:
    """Return a module's text without ``import`` and ``export``, and the names that it exports."""
    lines, exported = [], []
    for line in text.splitlines():
        imports, exports = _IMPORT.fullmatch(line), _EXPORT.match(line)
        if imports:
            names = imports[1].replace(" as ", ": ")
            lines.append(f"const {names} = ${imports[2]};")
        elif exports:
            exported.append(exports[1])
            lines.append(line.removeprefix("export "))
        elif line.startswith(("import", "export")):
            raise ValueError(f"{name}.js: a bundle cannot have the line {line!r}")
        else:
            lines.append(line)
    return "\n".join(lines), exported
