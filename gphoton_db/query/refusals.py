"""What queries on the archive must not do, and statements that plainly do nothing of it.

Most statements do not come near it, and for them sqlglot, which takes longer to import than most
queries to run, is not needed: it tells where in a statement a word is refused.
"""

import re

import duckdb

_OWN_DATABASE = (
    "use the duckdb shell with a database of your own, and ATTACH the archive's catalogue to it"
)
_TO_A_FILE = "gphoton-db sql --output, or arrow() of a result in Python, gives the rows to keep"
SHELL = "use the duckdb shell (gphoton-db shell)"

REFUSED_STATEMENTS = {
    **dict.fromkeys(("COPY", "EXPORT"), _TO_A_FILE),
    **dict.fromkeys(
        ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "MERGE", "CREATE", "DROP", "ALTER", "COMMENT"),
        _OWN_DATABASE,
    ),
    **dict.fromkeys(("IMPORT", "ATTACH", "DETACH"), _OWN_DATABASE),
    **dict.fromkeys(("SET", "RESET", "USE", "INSTALL", "LOAD", "FORCE", "CHECKPOINT"), SHELL),
    **dict.fromkeys(("VACUUM", "ANALYZE", "PREPARE", "EXECUTE", "DEALLOCATE"), SHELL),
    **dict.fromkeys(("BEGIN", "START", "COMMIT", "ROLLBACK", "ABORT"), SHELL),
    "CALL": "write SELECT * FROM function(...)",
}
"""First words of statements that do more than read, and what to do instead."""

REFUSED_FUNCTIONS = {
    **dict.fromkeys(("checkpoint", "force_checkpoint", "write_log"), SHELL),
    **dict.fromkeys(("enable_logging", "disable_logging", "truncate_duckdb_logs"), SHELL),
    **dict.fromkeys(("enable_profiling", "disable_profiling"), SHELL),
    **dict.fromkeys(("query", "json_execute_serialized_sql"), "write the statement itself"),
    "import_database": _OWN_DATABASE,
}
"""Functions that do more than read, or hide what they run, and what to do instead."""

_OTHERS = ("explain", "pivot")
"""Words of statements that DuckDB makes something else of, or runs as several."""


_COMMENT_BEFORE = re.compile(r"(?:\s*--[^\r\n]*[\r\n])*")
"""What stands before a statement: named queries explain themselves there."""


def plainly_reads(connection: duckdb.DuckDBPyConnection, sql: str) -> bool:
    """Return whether a text is one SELECT in which nothing stands that could be refused.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Whose parser is asked.
    sql : str
        The statement.

    Returns
    -------
    bool
        False means that it must be looked at more closely, not that it is refused: a word counts
        wherever it stands, in a name, a string or a later comment too.
    """
    begin = _COMMENT_BEFORE.match(sql)
    text = sql[begin.end() if begin else 0 :].casefold()
    if any(word in text for word in (*REFUSED_FUNCTIONS, *_OTHERS)):
        return False
    try:
        found = connection.extract_statements(sql)
    except duckdb.Error:
        return False
    return len(found) == 1 and found[0].type == duckdb.StatementType.SELECT
