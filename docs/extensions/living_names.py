"""Names that the pages and docstrings mention must exist; those that are documented become links.

Looked at are inline literals: dotted names (``gphoton_db.mission``), methods (``archive.map``),
files of the repository (``tests/oracle``) and commands (``gphoton-db ingest``); and the commands
and options of console sessions.  What does not exist is a warning, with which ``make docs`` fails.
"""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from typing import Any

import typer
from docutils import nodes
from known_names import ROOT, exists, is_known
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

import gphoton_db
from gphoton_db import Archive
from gphoton_db.cli.app import app as command_line

logger = logging.getLogger(__name__)

DOTTED = re.compile(r"(gphoton_db(?:\.\w+)+)(?:\(.*\))?", re.DOTALL)
METHOD = re.compile(r"[Aa]rchive\.(?!py$)([a-z]\w+)(?:\(.*\))?", re.DOTALL)
FILE = re.compile(r"(?:tests|benchmarks|docs|sql|ingest|aspect|products|gphoton_db)/[\w/.-]*")
COMMAND = re.compile(r"gphoton-db\s.*", re.DOTALL)
NOT_OF_THE_REPOSITORY = re.compile(r"products/e\S+|aspect/band\S*|products/?|.*[A-Z]{4}.*")
"""Files of archives, and names that stand for any."""


@cache
def commands() -> dict[str, set[str]]:
    """Return the options of each command; those of a group are with each command in it."""
    group = typer.main.get_command(command_line)
    return dict(_commands(group, {"--help", "-h"}, ""))


def _commands(group: Any, inherited: set[str], prefix: str) -> Iterator[tuple[str, set[str]]]:
    own = inherited.union(*({*p.opts, *p.secondary_opts} for p in group.params))
    yield prefix.strip(), own
    for name, command in getattr(group, "commands", {}).items():
        yield from _commands(command, own, f"{prefix} {name}")


def wrong_in_command(line: str) -> str | None:
    """Return what of a command line does not exist, or None.

    The words after ``gphoton-db`` are read up to the first ``|`` or ``#``.
    """
    try:
        words = shlex.split(line, comments=True)[1:]
    except ValueError:  # a quotation goes on in the next line
        words = line.split()[1:]
    words = words[: words.index("|")] if "|" in words else words
    name = ""
    for word in words:
        if f"{name} {word}".strip() in commands():
            name = f"{name} {word}".strip()
    first = next((word for word in words if re.fullmatch(r"[a-z][a-z-]+", word)), "")
    if first and not name:
        return f"there is no command gphoton-db {first}"
    options = {word.split("=")[0] for word in words if re.match(r"--[a-z]", word)}
    unknown = sorted(options - commands()[name])
    # A named query has options of its own.
    return f"gphoton-db {name} has no {unknown[0]}" if unknown and name != "query" else None


def wrong_in_literal(text: str) -> str | None:
    """Return what an inline literal names that does not exist, or None."""
    if (found := DOTTED.fullmatch(text)) and not exists(found[1]):
        return f"there is no {found[1]}"
    if (found := METHOD.fullmatch(text)) and not hasattr(Archive, found[1]):
        return f"Archive has no {found[1]}"
    if FILE.fullmatch(text) and not NOT_OF_THE_REPOSITORY.fullmatch(text):
        return None if (ROOT / text).exists() else f"there is no file {text}"
    return wrong_in_command(text) if COMMAND.fullmatch(text) else None


def target_of(text: str) -> str | None:
    """Return the full name of the Python object that an inline literal names, or None."""
    if found := DOTTED.fullmatch(text):
        return found[1]
    if found := METHOD.fullmatch(text):
        return f"gphoton_db.Archive.{found[1]}"
    return None


class LivingNames(SphinxTransform):
    """Checks the literals of a page, and links those that name documented objects."""

    default_priority = 400

    def apply(self, **_: Any) -> None:
        """Go through the page."""
        for block in self.document.findall(nodes.literal_block):
            for line in block.astext().splitlines():
                if line.startswith("$ gphoton-db "):
                    self._complain(wrong_in_command(line.removeprefix("$ ")), block)
        for literal in list(self.document.findall(nodes.literal)):
            text = literal.astext()
            self._complain(wrong_in_literal(text), literal)
            target = target_of(text)
            if target and not isinstance(literal.parent, nodes.reference | addnodes.pending_xref):
                self._link(literal, target)

    @staticmethod
    def _complain(problem: str | None, node: nodes.Node) -> None:
        if problem:
            logger.warning(problem, location=node, type="names")

    def _link(self, literal: nodes.literal, target: str) -> None:
        reference = addnodes.pending_xref("", refdomain="py", reftype="obj", reftarget=target)
        reference["refdoc"] = self.env.docname
        reference["living"] = True
        literal.replace_self(reference)
        reference += literal


def _left_as_text(
    _: Sphinx, __: Any, reference: addnodes.pending_xref, text: nodes.Element
) -> nodes.Element | None:
    """Return the text of a name that exists, but is not documented on the site."""
    if reference.get("living"):
        return text
    ours = reference.get("refdomain") == "py" and reference.get("reftype") in {"obj", "class"}
    return text if ours and is_known(reference["reftarget"], _module_of(reference)) else None


def _module_of(reference: addnodes.pending_xref) -> str | None:
    """Return the module in which the docstring with a reference is written."""
    module, owner = reference.get("py:module"), reference.get("py:class")
    if module == "gphoton_db" and owner:
        return str(getattr(gphoton_db, owner.split(".")[0]).__module__)
    return module


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the check to Sphinx."""
    app.add_transform(LivingNames)
    app.connect("missing-reference", _left_as_text)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
