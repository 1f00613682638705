"""The check of a query: it must be one statement that only reads.

What plainly reads (`gphoton_db.query.refusals.plainly_reads`) comes in at once.  sqlglot reads any
other statement, before DuckDB does, so that a refusal can point at the words that are refused.
DuckDB has its own say afterwards (`gphoton_db.query.query`); a statement that sqlglot cannot read,
because DuckDB's syntax went further, is left to DuckDB alone.

This says early what is wrong, and where.  What a statement may reach is up to the session that it
runs in (`gphoton_db.catalogue.jail`), which sees the archive alone.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlglot import Token, TokenType, exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError

from gphoton_db.errors import QueryError
from gphoton_db.query.refusals import REFUSED_FUNCTIONS, REFUSED_STATEMENTS, SHELL
from gphoton_db.query.sql_files import point_at

logger = logging.getLogger(__name__)

LONGEST_READ = 50_000
"""Characters of the longest statement that sqlglot reads, in 0.4 s; DuckDB judges longer ones."""

_DIALECT = DuckDB()

_BLANKS = re.compile("[\u00a0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]")
"""What DuckDB, or a reader, takes for a blank or does not see, and sqlglot for part of a name."""

_REFUSED_CALL = re.compile(
    rf'\b({"|".join(REFUSED_FUNCTIONS)})"?(?:\s|--[^\n]*\n|/\*.*?\*/)*\(', re.IGNORECASE | re.DOTALL
)
"""A call that is refused, in a text of which sqlglot tells no words."""


@dataclass(frozen=True)
class Statement:
    """One statement that, as far as sqlglot can tell, only reads.

    Parameters
    ----------
    sql : str
        It, as it was written.
    words : tuple of Token
        Its words without comments, and without EXPLAIN before what is explained; empty where
        sqlglot cannot tell them.
    tree : Expression or None
        What sqlglot understands; None where it does not.
    is_explained : bool
        Whether it stands behind EXPLAIN.
    """

    sql: str
    words: tuple[Token, ...] = ()
    tree: exp.Expression | None = None
    is_explained: bool = False

    @property
    def start(self) -> int:
        """Where it begins in `sql`."""
        return self.words[0].start if self.words else 0

    @property
    def bare(self) -> str:
        """It without a semicolon at its end."""
        if self.words:
            return self.sql[self.start : self.words[-1].end + 1]
        return self.sql.rstrip().rstrip(";")

    @property
    def subqueries(self) -> list[str]:
        """Names that its WITH clauses define."""
        return [cte.alias for cte in self.tree.find_all(exp.CTE)] if self.tree else []

    @property
    def tables(self) -> list[str]:
        """Names of the tables and views that it reads, unqualified, in order, each once."""
        if self.tree is None:
            return []
        names = [table.name for table in self.tree.find_all(exp.Table, bfs=False)]
        own = set(self.subqueries)
        return list(dict.fromkeys(name for name in names if name and name not in own))

    @property
    def pivots(self) -> bool:
        """Whether it has a PIVOT, which DuckDB runs as several statements."""
        return self.tree is not None and self.tree.find(exp.Pivot) is not None


def read_statement(sql: str) -> Statement:
    """Read a statement, and refuse it if it is not one that only reads.

    Parameters
    ----------
    sql : str
        In DuckDB's dialect.

    Raises
    ------
    QueryError
        If there is none or more than one, or it does more than read; the message points at the
        words in question.
    """
    tokens = _tokens(sql)
    if tokens is None:
        _refuse_calls(sql)
        return Statement(sql)
    words: Sequence[Token] = _only_statement(sql, tokens)
    is_explained = words[0].text.upper() == "EXPLAIN"
    if is_explained:
        words = _explained(sql, words[0])
    first = words[0]
    if first.token_type is not TokenType.STRING and first.text.upper() in REFUSED_STATEMENTS:
        word = first.text.upper()
        raise QueryError(_refusal(sql, first, word, REFUSED_STATEMENTS[word]))
    for token in _called(words):
        name = token.text.lower()
        if name in REFUSED_FUNCTIONS:
            raise QueryError(_refusal(sql, token, f"{name}()", REFUSED_FUNCTIONS[name]))
    return Statement(sql, tuple(words), _tree(sql, words), is_explained)


def _refuse_calls(sql: str) -> None:
    """Refuse what has a call of a refused function in it, be it in a string or a comment."""
    found = _REFUSED_CALL.search(_BLANKS.sub(" ", sql))
    if found:
        name = found[1].lower()
        reason = _reason(f"{name}()", REFUSED_FUNCTIONS[name])
        raise QueryError(point_at(sql, *found.span(1), reason))


def refuse(statement: Statement, kind: str) -> QueryError:
    """Return the error for a statement that DuckDB says is of a kind that does more than read."""
    word = statement.sql[statement.start :].split(maxsplit=1)[0]
    end = statement.start + len(word)
    return QueryError(point_at(statement.sql, statement.start, end, _reason(kind, SHELL)))


def is_complete(sql: str) -> bool:
    """Return whether what was typed so far ends with a semicolon (not one in a string)."""
    tokens = _tokens(sql)
    return bool(tokens and tokens[-1].token_type is TokenType.SEMICOLON)


def _tokens(sql: str) -> list[Token] | None:
    if len(sql) > LONGEST_READ:
        return None
    try:
        return _DIALECT.tokenize(_BLANKS.sub(" ", sql))
    except SqlglotError as error:
        logger.debug("left to DuckDB: %s", error)
        return None


def _only_statement(sql: str, tokens: Sequence[Token]) -> list[Token]:
    statements: list[list[Token]] = [[]]
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            statements.append([])
        else:
            statements[-1].append(token)
    found = [statement for statement in statements if statement]
    if not found:
        raise QueryError("expected one SQL statement, found 0")
    if len(found) > 1:
        second = found[1]
        message = f"expected one SQL statement, found {len(found)}: the second begins here"
        raise QueryError(point_at(sql, second[0].start, second[0].end + 1, message))
    return found[0]


def _explained(sql: str, explain: Token) -> Sequence[Token]:
    """Return what is explained: EXPLAIN ANALYZE runs it."""
    # For sqlglot all that follows EXPLAIN is one string.  Blanks keep the places of the words.
    rest = _tokens(" " * (explain.end + 1) + sql[explain.end + 1 :]) or []
    words: Sequence[Token] = rest
    if len(words) > 1 and words[0].token_type is TokenType.L_PAREN and _is_option(words[1]):
        closing = (k for k, word in enumerate(words) if word.token_type is TokenType.R_PAREN)
        words = words[next(closing, len(words)) + 1 :]
    elif words and words[0].text.upper() == "ANALYZE":
        words = words[1:]
    return words or [explain]


def _is_option(word: Token) -> bool:
    return word.text.upper() in ("ANALYZE", "FORMAT")


def _called(words: Sequence[Token]) -> Iterator[Token]:
    """Yield the names that stand before an opening bracket."""
    for name, bracket in pairwise(words):
        if bracket.token_type is TokenType.L_PAREN and name.token_type is not TokenType.STRING:
            yield name


def _tree(sql: str, words: Sequence[Token]) -> exp.Expression | None:
    try:
        trees = _DIALECT.parser().parse(list(words), sql)
    except (SqlglotError, RecursionError) as error:
        logger.debug("left to DuckDB: %s", error)
        return None
    tree = trees[0] if len(trees) == 1 else None
    return tree if isinstance(tree, exp.Expression) else None


def _refusal(sql: str, token: Token, what: str, hint: str) -> str:
    return point_at(sql, token.start, token.end + 1, _reason(what, hint))


def _reason(what: str, hint: str) -> str:
    return f"{what} is refused: queries on the archive only read; {hint}"
