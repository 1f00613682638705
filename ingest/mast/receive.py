"""One answer of a server, received to its end into the part of a file; resumed where it can be."""

import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError

from gphoton_db.errors import ServiceError
from gphoton_db.ingest.mast.client import Client
from gphoton_db.ingest.mast.hosts import shown
from gphoton_db.ingest.mast.pace import BrokenTransferError, Pace
from gphoton_db.ingest.mast.partial import Origin, Partial
from gphoton_db.ingest.mast.quoting import quoted
from gphoton_db.service import ServiceOptions

Told = Callable[[int, int], None]
"""Told how many bytes are there, and of how many (0 = not known)."""

_CHUNK_BYTES = 1 << 17
_TELL_EVERY_S = 0.1
_LOOK_AT_DISK_BYTES = 64_000_000
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,18})-[0-9]+/([0-9]{1,18}|\*)")
_LENGTH = re.compile(r"[0-9]{1,18}")

_OK, _PARTIAL, _RANGE_REFUSED = 200, 206, 416


@dataclass(frozen=True)
class _Answer:
    """Where the bytes of an answer belong."""

    offset: int
    origin: Origin


def receive(client: Client, url: str, partial: Partial, *, resume: bool, told: Told) -> None:
    """Ask for a file, or for what is missing of it, and write it behind what is there.

    Parameters
    ----------
    client : Client
        Whose options give the limits.
    url : str
        Address of the file.
    partial : Partial
        What is there of it.
    resume : bool
        Whether a file whose server names no version (``ETag``, ``Last-Modified``) may be resumed.
    told : callable
        Told the progress.

    Raises
    ------
    BrokenTransferError
        If the answer broke off, or hardly gets ahead.
    ServiceError
        If there is no answer, or the file is too long for the limits or the disk.
    OSError
        If the part cannot be written.
    """
    known = partial.origin()
    if known is None or known.url != url or not (resume or known.version):
        partial.discard()
        known = None
    elif known.total is not None and partial.size == known.total:
        return
    headers = {"Accept-Encoding": "identity", **_range_of(partial, known)}
    with client.get(url, headers=headers, accepted=(_OK, _PARTIAL, _RANGE_REFUSED)) as response:
        answer = _place(url, response, partial, known)
        _check_size(client.options, url, partial, answer)
        if not answer.offset:
            partial.begin(answer.origin)
        _write(client.options, response, partial, answer, told)


def _range_of(partial: Partial, known: Origin | None) -> dict[str, str]:
    """Return the headers that ask for the rest of what is there, of the same version."""
    if known is None or not partial.size:
        return {}
    headers = {"Range": f"bytes={partial.size}-"}
    if known.version:
        headers["If-Range"] = known.version
    return headers


def _place(
    url: str, response: requests.Response, partial: Partial, known: Origin | None
) -> _Answer:
    """Return where the bytes of an answer belong; whatever does not fit means to begin anew."""
    if response.status_code == _OK:
        return _Answer(0, _origin(url, response, _length(response)))
    match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
    if response.status_code == _PARTIAL and known is not None and match:
        offset, total = int(match[1]), None if match[2] == "*" else int(match[2])
        new = _origin(url, response, total)
        same = known.version in (None, new.etag, new.modified) and known.total in (None, total)
        if offset == partial.size and same:
            return _Answer(offset, known)
    partial.discard()
    raise BrokenTransferError("the server would not go on where the download broke off")


def _origin(url: str, response: requests.Response, total: int | None) -> Origin:
    etag = response.headers.get("ETag")
    if etag is not None and not etag.startswith('"'):
        etag = None  # a weak one says nothing of single bytes
    return Origin(url, etag, response.headers.get("Last-Modified"), total)


def _length(response: requests.Response) -> int | None:
    text = response.headers.get("Content-Length", "").strip()
    return int(text) if _LENGTH.fullmatch(text) else None


def _check_size(options: ServiceOptions, url: str, partial: Partial, answer: _Answer) -> None:
    """Refuse what is declared to be too long for the limit, or for the disk."""
    total = answer.origin.total or 0
    _check_limit(options, url, total, "has")
    _check_disk(options, url, partial, total - answer.offset)


def _check_limit(options: ServiceOptions, url: str, size: int, verb: str) -> None:
    if size > options.max_file_bytes:
        raise ServiceError(
            f"{shown(url)}: {verb} {size:,} bytes, more than the {options.max_file_bytes:,} that "
            "a file may have; the setting max_file_gb (GPHOTON_DB_MAX_FILE_GB) allows more"
        )


def _check_disk(options: ServiceOptions, url: str, partial: Partial, missing: int) -> None:
    free = shutil.disk_usage(partial.target.parent).free
    if missing > free - options.reserve_bytes:
        raise ServiceError(
            f"{shown(url)}: there is no room for it in {partial.target.parent}: {missing:,} bytes "
            f"are to come, {free:,} are free, of which {options.reserve_bytes:,} are to stay free"
        )


def _write(
    options: ServiceOptions, response: requests.Response, partial: Partial, answer: _Answer,
    told: Told,
) -> None:  # fmt: skip
    """Write an answer to its end."""
    size, total = answer.offset, answer.origin.total
    look_at, tell_at, pace = size + _LOOK_AT_DISK_BYTES, 0.0, Pace(options.patience)
    with partial.path.open("ab") as file:
        while chunk := _next_chunk(response):
            size += len(chunk)
            try:
                _check_limit(options, answer.origin.url, size, "has sent")
            except ServiceError:
                partial.discard()
                raise
            file.write(chunk)
            file.flush()  # what came stays, even if this process is killed
            if size > look_at:
                _check_disk(options, answer.origin.url, partial, 0)
                look_at = size + _LOOK_AT_DISK_BYTES
            if time.monotonic() > tell_at:
                told(size, total or 0)
                tell_at = time.monotonic() + _TELL_EVERY_S
            if size != total:
                pace.came(len(chunk))
    if total is not None and size != total:
        raise BrokenTransferError(f"{total:,} bytes were announced and {size:,} came")
    told(size, size)


def _next_chunk(response: requests.Response) -> bytes:
    """Return the next bytes as they are sent: what a server packs for the way, stays packed."""
    try:
        chunk: bytes | None = response.raw.read1(_CHUNK_BYTES, decode_content=False)
    except HTTPError as error:
        raise BrokenTransferError(quoted(error)) from None
    return chunk or b""
