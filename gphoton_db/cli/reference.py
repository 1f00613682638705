"""The reference of all commands, ``docs/cli.md``, made from the commands themselves.

``python -m gphoton_db.cli.reference docs/cli.md`` writes it anew.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from gphoton_db.cli.app import app

_HEAD = """\
<!-- made by python -m gphoton_db.cli.reference docs/cli.md; do not edit by hand -->

# Commands

The options of `gphoton-db` itself stand before the command: `gphoton-db --archive FOLDER status`.
`gphoton-db COMMAND --help` prints on the terminal what stands here. A command that fails says why
in one line and exits with 1; a wrong command line exits with 2.
"""

# Blanks in an environment must not change what is written.
_WIDTH = 1000


def reference() -> str:
    """Return the reference of all commands, in Markdown."""
    group = typer.main.get_command(app)
    return "\n".join([_HEAD, *_lines(group, "gphoton-db", None)]).rstrip() + "\n"


def _lines(command: Any, name: str, parent: Any) -> Iterator[str]:
    """Yield what is said of a command, and of those in it."""
    context = typer.Context(
        command, info_name=name.rsplit(" ", 1)[-1], parent=parent, terminal_width=_WIDTH
    )
    level = "#" * min(1 + len(name.split()), 3)
    yield from (f"{level} `{name}`", "")
    yield from (f"{_markdown(command.help or '')}", "")
    yield from ("```text", command.get_usage(context).removeprefix("Usage: "), "```", "")
    records = [parameter.get_help_record(context) for parameter in command.params]
    shown = [record for record in records if record and not _of_the_shell(record[0])]
    if shown:
        yield from ("| argument or option | meaning |", "|---|---|")
        yield from (f"| {_code(record[0])} | {_cell(record[1])} |" for record in shown)
        yield ""
    for key in sorted(getattr(command, "commands", {})):
        yield from _lines(command.commands[key], f"{name} {key}", context)


def _of_the_shell(declaration: str) -> bool:
    """Return whether an option is typer's own, for completion in a shell."""
    return "completion" in declaration


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def _markdown(text: str) -> str:
    """Return a help text with its commands and options as code."""
    return re.sub(r"(?<![\w`-])(--[a-z][\w-]*)", r"`\1`", text.replace("\b\n", "")).strip()


def _cell(text: str) -> str:
    joined = _markdown(" ".join(text.split()))
    return joined.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def main() -> None:
    """Write the reference to the file that the command line names."""
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")


if __name__ == "__main__":
    main()
