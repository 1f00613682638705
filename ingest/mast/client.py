"""All network requests: they are checked, repeated, and bounded in time."""

import logging
import random
import re
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, InvalidHeader
from urllib3.util import Retry

from gphoton_db._version import __version__
from gphoton_db.errors import OfflineError, ServiceError, UnreachableError
from gphoton_db.ingest.mast.hosts import check_address, host_rules, shown
from gphoton_db.ingest.mast.quoting import quoted
from gphoton_db.service import Patience, ServiceOptions

log = logging.getLogger(__name__)

TRANSIENT = (429, 500, 502, 503, 504)
"""Statuses after which it is worth asking again."""

_NOT_NOW = (429, 502, 503, 504)
"""Those that say nothing of what was asked for: another question would be answered alike."""

_MOST_REDIRECTS = 5
_WHICH_CONNECTION = re.compile(r"^HTTPS?Connection\w*\(.*?\): ")


class Client:
    """Asks the mission's servers; may be shared by threads, each of which has its own session.

    Parameters
    ----------
    options : ServiceOptions
        Addresses, limits and patience.

    Raises
    ------
    ServiceError
        If an address or a host in the options is none.
    """

    def __init__(self, options: ServiceOptions) -> None:
        self.options = options
        self._rules = host_rules(options)
        self._local = threading.local()

    @contextmanager
    def get(
        self,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        accepted: tuple[int, ...] = (200,),
    ) -> Iterator[requests.Response]:
        """Ask for an address, and give the answer, of which only the header has been read.

        Redirections are followed to allowed hosts only.

        Raises
        ------
        OfflineError
            If the network must not be used.
        ServiceError
            If there is no answer, it is of none of the `accepted` statuses, or from a host that
            is not allowed.
        """
        if self.options.offline:
            raise OfflineError(f"{shown(url)}: not asked, gphoton-db is offline")
        for _ in range(_MOST_REDIRECTS + 1):
            check_address(url, self._rules)
            with self._ask(url, query, headers) as answer:
                target = answer.headers.get("Location") if answer.is_redirect else None
                if target is None:
                    if answer.status_code not in accepted:
                        raise _refusal(url, answer)
                    yield answer
                    return
            url, query = _joined(url, target), None
        raise ServiceError(f"{shown(url)}: more than {_MOST_REDIRECTS} redirections")

    def _ask(
        self, url: str, query: Mapping[str, str] | None, headers: Mapping[str, str] | None
    ) -> requests.Response:
        patience = self.options.patience
        try:
            return self._session().get(
                url,
                params=query,
                headers=headers,
                stream=True,
                allow_redirects=False,
                timeout=(patience.connect_timeout, patience.read_timeout),
            )
        except (requests.RequestException, HTTPError) as error:
            raise UnreachableError(
                f"{shown(url)}: no answer ({_reason(error)}); is there a connection? "
                "Offline, what is in the archive's folders is used (--offline)"
            ) from None

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = _Session()
            session.headers["User-Agent"] = f"gphoton-db/{__version__}"
            session.auth = _without_credentials
            adapter = HTTPAdapter(max_retries=_Retry.of(self.options.patience))
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            self._local.session = session
        return session


def pause_before(attempt: int, patience: Patience) -> float:
    """Return how long to wait before an attempt (1 = the first repetition), s, with jitter."""
    pause = patience.pause * 2.0 ** (attempt - 1) * random.uniform(1.0, 1.5)
    return min(pause, patience.longest_pause)


class _Session(requests.Session):
    """A session that leaves redirections to us.

    Even if it is told not to follow them, requests reads the whole body of a redirection, however
    long that is, to tell where it would lead.
    """

    def resolve_redirects(
        self, *_arguments: Any, **_named: Any
    ) -> Generator[requests.Response, None, None]:
        """Yield none."""
        yield from ()


class _Retry(Retry):
    """Repetitions with a pause before the first one too, and a bound to what servers ask for."""

    @classmethod
    def of(cls, patience: Patience) -> "_Retry":
        return cls(
            total=patience.retries,
            allowed_methods=frozenset({"GET"}),
            status_forcelist=TRANSIENT,
            backoff_factor=patience.pause,
            backoff_max=patience.longest_pause,
            backoff_jitter=patience.pause / 2,
            raise_on_status=False,
        )

    def parse_retry_after(self, retry_after: str) -> float:
        """Return the seconds that a server asks for, but no more than are allowed."""
        try:
            return min(super().parse_retry_after(retry_after), self.backoff_max)
        except (InvalidHeader, ValueError, OverflowError):
            return 0.0

    def increment(self, *arguments: Any, **named: Any) -> "_Retry":
        """Return what is left of the repetitions after one; the first one is said."""
        left = super().increment(*arguments, **named)
        if len(left.history) == 1:
            last = left.history[0]
            why = f"status {last.status}" if last.status else _reason(last.error or TimeoutError())
            host = getattr(named.get("_pool"), "host", "")
            log.warning("%s%s: %s; trying again", host, shown(last.url or ""), why)
        return left

    def get_backoff_time(self) -> float:
        """Return the pause before the next repetition, s."""
        return max(super().get_backoff_time(), self.backoff_factor)


def _without_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave a request as it is; or else requests would look for a password in ~/.netrc."""
    return request


def _joined(url: str, target: str) -> str:
    try:
        return urljoin(url, target)
    except ValueError:
        raise ServiceError(
            f"{shown(url)}: redirects to {quoted(target)!r}, which is no address"
        ) from None


def _refusal(url: str, answer: requests.Response) -> ServiceError:
    status = quoted(f"{answer.status_code} {answer.reason or ''}")
    later = "; try again later" if answer.status_code in TRANSIENT else ""
    kind = UnreachableError if answer.status_code in _NOT_NOW else ServiceError
    return kind(f"{shown(url)}: the server answered {status}{later}")


def _reason(error: BaseException) -> str:
    """Return the innermost cause of a failed request, on one line."""
    seen: BaseException = error
    while True:
        inner = getattr(seen, "reason", None) or next(
            (each for each in seen.args if isinstance(each, BaseException)), None
        )
        if not isinstance(inner, BaseException):
            break
        seen = inner
    text = quoted(seen)
    return _WHICH_CONNECTION.sub("", text) or type(seen).__name__
