"""Files of a web server, of which parts are asked for (Range)."""

import re
from urllib.parse import quote

import requests

from gphoton_db._version import __version__
from gphoton_db.errors import ArchiveError
from gphoton_db.remote.parts import (
    BrokenAnswerError,
    Part,
    checked_part,
    missing_file,
    refused,
    repeated,
)

_TIMEOUTS_S = (15.0, 60.0)
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_PARTIAL, _WHOLE, _MISSING, _REFUSED, _BUSY = 206, 200, (404, 410), (401, 403), (408, 429)
_SERVER_ERRORS = 500


class HttpSource:
    """The files below an address.

    Parameters
    ----------
    address : str
        Of the folder, without a slash at the end.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._session = requests.Session()
        # Compressed, a part would be none of the file's.
        self._session.headers.update(
            {"Accept-Encoding": "identity", "User-Agent": f"gphoton-db/{__version__}"}
        )

    def part(self, name: str, start: int, length: int) -> Part:
        """Return bytes of a file; see `Source`."""
        url = self._url(name)
        wanted = f"bytes={start}" if start < 0 else f"bytes={start}-{start + length - 1}"

        def ask() -> Part:
            answer = self._get(url, {"Range": wanted})
            if answer.status_code == _WHOLE:
                raise ArchiveError(
                    f"{url}: the server sends whole files, where parts are asked for (Range): "
                    "archives cannot be read from it"
                )
            found = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            if answer.status_code != _PARTIAL or not found:
                raise BrokenAnswerError(f"the server answered {answer.status_code}")
            return checked_part(Part(answer.content, int(found[1]), int(found[3])), start, length)

        return repeated(ask, url)

    def whole(self, name: str) -> bytes:
        """Return a whole file."""
        url = self._url(name)

        def ask() -> Part:
            answer = self._get(url, {})
            if answer.status_code != _WHOLE:
                raise BrokenAnswerError(f"the server answered {answer.status_code}")
            return Part(answer.content, 0, len(answer.content))

        return repeated(ask, url).content

    def _url(self, name: str) -> str:
        return f"{self.address}/{quote(name, safe='/=')}"

    def _get(self, url: str, headers: dict[str, str]) -> requests.Response:
        try:
            answer = self._session.get(url, headers=headers, timeout=_TIMEOUTS_S)
        except requests.RequestException as error:
            raise BrokenAnswerError(f"{type(error).__name__} ({_reason(error)})") from None
        status = answer.status_code
        if status in _MISSING:
            raise missing_file(url)
        if status in _REFUSED:
            raise refused(url, f"{status} {answer.reason}")
        if status in _BUSY or status >= _SERVER_ERRORS:
            raise BrokenAnswerError(f"the server answered {status} {answer.reason}")
        stated = answer.headers.get("Content-Length")
        if stated is not None and stated.strip() != str(len(answer.content)):
            raise BrokenAnswerError(f"{len(answer.content):,} of {stated} bytes came")
        return answer


def _reason(error: requests.RequestException) -> str:
    """Return what the innermost cause says: the outer ones repeat the address."""
    inner: BaseException = error
    while inner.__context__ is not None:
        inner = inner.__context__
    return str(inner)
