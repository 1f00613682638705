"""Who is let in: programs that have the token, on our own pages, under one of our own names."""

import ipaddress
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response

from gphoton_db.serve.options import LOOPBACK
from gphoton_db.serve.refusals import BAD_REQUEST, FORBIDDEN, WRONG_METHOD

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

KEY_PREFIX = "/key/"
"""Begins a path in which the token stands itself, for programs that keep no cookie: Aladin."""

_CHANGING = ("POST", "PUT", "DELETE")

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {frames}"
)

_AGAIN = '<!doctype html><meta http-equiv="refresh" content="0;url=/"><title>gphoton-db</title>'

_ANY = ("0.0.0.0", "::")
"""All interfaces: a client names one of them by number, or this machine."""

_FRAMES_OF_NOTEBOOKS = "http://localhost:* http://127.0.0.1:*"


class Guard:
    """Lets requests through to the application, or refuses them.

    A request must name this server as its host, so that no other name that leads here (DNS
    rebinding) is one; come from no page of somebody else; and have the token: once in the address,
    which answers with a cookie that only this server is sent, from then on in that.

    Parameters
    ----------
    app : callable
        The application.
    token : str
        What the first address has.
    host, port
        Of the server.
    framed : bool
        Pages of this machine may have the page in a frame.
    """

    def __init__(self, app: App, token: str, host: str, port: int, *, framed: bool = False) -> None:
        self._app, self._token, self._cookie = app, token, f"gphoton_db_{port}"
        self._hosts, self._port = _names_of(host, port), str(port)
        self._any = host in _ANY
        policy = _POLICY.format(frames=_FRAMES_OF_NOTEBOOKS if framed else "'none'")
        self._headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        }
        if not framed:
            self._headers["X-Frame-Options"] = "DENY"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        answer = self._refusal(scope)
        await (answer or self._app)(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request that is not for the application."""
        headers = Headers(scope=scope)
        path: str = scope["path"]
        if len(headers.getlist("host")) != 1:
            return _refused("a request names one host", BAD_REQUEST)
        if not self._is_own(headers["host"].lower()):
            return _refused("this server has another name: open the address that it printed")
        own = f"http://{headers['host'].lower()}"
        if any(each.lower() != own for each in headers.getlist("origin")):
            return _refused("another page cannot ask here")
        if scope["method"] not in ("GET", "HEAD", *_CHANGING):
            return _refused("there is no such method here", WRONG_METHOD)
        if path == "/" and scope["query_string"]:
            return self._first(scope, headers)
        if _is_foreign(headers) and not (path == "/" and _is_navigation(headers)):
            return _refused("another page cannot ask here")
        if path.startswith(KEY_PREFIX):
            return self._with_key(scope)
        if not self._has_cookie(headers):
            return _refused("open the address that gphoton-db serve printed, with its token")
        return None

    def _is_own(self, host: str) -> bool:
        """Return whether a name, with its port, is one of this server's."""
        if host in self._hosts:
            return True
        name, _, port = host.rpartition(":")
        return self._any and port == self._port and _is_number(name)

    def _first(self, scope: Scope, headers: Headers) -> Response:
        """Answer the first request: with the cookie, and without the token in the address."""
        try:
            pairs = parse_qsl(
                scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=5
            )
        except ValueError:
            return _refused("the address has too much in it", BAD_REQUEST)
        if [name for name, _ in pairs] != ["token"] or not self._is_token(pairs[0][1]):
            return _refused("the token is wrong: open the address that gphoton-db serve printed")
        if headers.get("sec-fetch-site") == "cross-site":
            # From a link on another site a browser sends no such cookie, not even when redirected.
            answer = Response(_AGAIN, media_type="text/html")
        else:
            answer = Response(status_code=303, headers={"Location": "/"})
        answer.set_cookie(self._cookie, self._token, httponly=True, samesite="strict", path="/")
        return answer

    def _with_key(self, scope: Scope) -> Response | None:
        """Let a request for HiPS through that has the token in its path."""
        token, _, rest = scope["path"].removeprefix(KEY_PREFIX).partition("/")
        if not self._is_token(token) or not rest.startswith("hips/"):
            return _refused("the token is wrong: take the address that gphoton-db serve printed")
        scope["path"] = f"/{rest}"
        scope["raw_path"] = scope["path"].encode()
        return None

    def _has_cookie(self, headers: Headers) -> bool:
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return False
        return self._cookie in cookies and self._is_token(cookies[self._cookie].value)

    def _is_token(self, text: str) -> bool:
        return secrets.compare_digest(text.encode("utf-8", "replace"), self._token.encode())


def _names_of(host: str, port: int) -> frozenset[str]:
    """Return what a client may call this server."""
    names: Iterable[str] = LOOPBACK
    if host not in LOOPBACK:
        names = (*LOOPBACK, host.lower(), socket.gethostname().lower(), socket.getfqdn().lower())
    return frozenset(f"[{name}]:{port}" if ":" in name else f"{name}:{port}" for name in names)


def _is_number(name: str) -> bool:
    """Return whether a host is named by its number, which no name server can have changed."""
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _is_foreign(headers: Headers) -> bool:
    """Return whether a browser says that another site's page asks; other programs say nothing."""
    return headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


def _is_navigation(headers: Headers) -> bool:
    return headers.get("sec-fetch-mode") == "navigate"


def _refused(reason: str, status: int = FORBIDDEN) -> Response:
    return JSONResponse({"error": reason}, status)
