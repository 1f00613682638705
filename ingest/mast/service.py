"""The query service: one SQL statement over HTTP, and the rows that it gives."""

import json
import logging
import time
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from gphoton_db.errors import ServiceError, UnreachableError
from gphoton_db.ingest.mast.client import Client, pause_before
from gphoton_db.ingest.mast.hosts import shown
from gphoton_db.ingest.mast.pace import BrokenTransferError, Pace
from gphoton_db.ingest.mast.quoting import quoted

log = logging.getLogger(__name__)

Rows = list[list[Any]]

MOST_ANSWER_BYTES = 32_000_000
"""No answer is longer: an hour of aspect has less than a megabyte."""

_CHUNK_BYTES = 1 << 16
_QUOTED_CHARACTERS = 60


def query_rows(client: Client, sql: str) -> Rows:
    """Ask the service, wait until it has executed the query, and return the rows.

    Parameters
    ----------
    client : Client
        Whose options give the service's address.
    sql : str
        The statement.

    Returns
    -------
    list of list
        The rows of the first table; none if it is empty.

    Raises
    ------
    ServiceError
        If the service cannot be reached, reports an error, answers with something else than the
        protocol's JSON, or is not done after a bounded time.
    """
    patience, url = client.options.patience, shown(client.options.mast_url)
    pause = patience.poll_pause
    for poll in range(patience.polls):
        if poll:
            time.sleep(pause)
            pause = min(1.5 * pause, patience.longest_poll_pause)
        answer = _parse(url, _ask(client, sql))
        match str(answer.get("status")).strip().upper():
            case "COMPLETE":
                return _rows(url, answer)
            case "EXECUTING":
                log.info("%s: still executing %s", url, sql)
            case "ERROR":
                raise ServiceError(f"{url}: {_message(answer)} (query: {sql})")
            case other:
                raise ServiceError(f"{url}: answered with the unknown status {quoted(other)!r}")
    raise ServiceError(
        f"{url}: still executing after {patience.polls} enquiries (query: {sql}); try again later"
    )


def _ask(client: Client, sql: str) -> tuple[str, bytes]:
    """Return content type and content of an answer; one that breaks off is asked for again."""
    options = client.options
    attempt = 0
    while True:
        with client.get(options.mast_url, query={"query": sql, "format": "extjs"}) as answer:
            try:
                return answer.headers.get("Content-Type", ""), _content(client, answer)
            except (HTTPError, BrokenTransferError) as error:
                attempt += 1
                if attempt > options.patience.retries:
                    raise UnreachableError(
                        f"{shown(options.mast_url)}: the answer broke off {attempt} times "
                        f"({quoted(error)})"
                    ) from None
        time.sleep(pause_before(attempt, options.patience))


def _content(client: Client, answer: requests.Response) -> bytes:
    content, pace = bytearray(), Pace(client.options.patience)
    while chunk := answer.raw.read1(_CHUNK_BYTES, decode_content=True):
        content += chunk
        if len(content) > MOST_ANSWER_BYTES:
            raise ServiceError(
                f"{shown(client.options.mast_url)}: the answer is longer than "
                f"{MOST_ANSWER_BYTES / 1e6:,.0f} MB"
            )
        pace.came(len(chunk))
    return bytes(content)


def _parse(url: str, typed_content: tuple[str, bytes]) -> dict[str, Any]:
    kind, content = typed_content
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        begin = quoted(content[:_QUOTED_CHARACTERS].decode("utf-8", "replace"))
        raise ServiceError(
            f"{url}: answered with {quoted(kind) or 'something'} that is not the service's JSON "
            f"({begin!r}...): is this the address of the query service? If it is, try again later"
        )
    return answer


def _rows(url: str, answer: dict[str, Any]) -> Rows:
    try:
        tables = answer["data"]["Tables"]
        rows = tables[0]["Rows"] if tables else []
    except (KeyError, TypeError, IndexError):
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise ServiceError(f"{url}: its answer holds no table of rows, as the protocol says")
    return rows


def _message(answer: dict[str, Any]) -> str:
    text = quoted(answer.get("msg") or "")
    return f"the service reports: {text}" if text else "the service reports an error, not which"
