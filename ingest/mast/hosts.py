"""Which addresses may be asked: web addresses of the mission's hosts and of those in the settings.

The service says where files are, and a server may redirect: neither can make us read local files,
or ask hosts that nobody named.
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from gphoton_db.errors import ServiceError
from gphoton_db.ingest.mast.quoting import quoted
from gphoton_db.service import MISSION_HOSTS, ServiceOptions

_DEFAULT_PORTS = {"http": 80, "https": 443}
_STRANGE = re.compile(r"[\x00-\x20\x7f-\U0010ffff\\]")
"""Characters that programs take differently, so that they may see different hosts."""


@dataclass(frozen=True)
class HostRule:
    """One host, or all below a domain, at one port; None = the usual port of the scheme."""

    host: str
    below: bool
    port: int | None

    @classmethod
    def parse(cls, text: str) -> "HostRule":
        """Return the rule that ``host``, ``host:port`` or ``*.domain`` stands for.

        Raises
        ------
        ValueError
            If it is none of these.
        """
        below = text.startswith("*.")
        split = urlsplit(f"//{text.removeprefix('*.')}")
        if _STRANGE.search(text) or "*" in split.netloc or "@" in text:
            raise ValueError(f"{text!r} is not a host")
        if not split.hostname or split.path or split.query or split.fragment:
            raise ValueError(f"{text!r} is not a host")
        return cls(split.hostname.lower(), below, split.port)

    @classmethod
    def of_address(cls, url: str) -> "HostRule":
        """Return the rule that allows the host of an address, and its port."""
        split = split_address(url)
        return cls(str(split.hostname).lower(), False, split.port)

    def allows(self, url: SplitResult) -> bool:
        """Return whether an address is on this host."""
        host = str(url.hostname).lower()
        usual = _DEFAULT_PORTS[url.scheme]
        if (url.port or usual) != (self.port or usual):
            return False
        return host.endswith(f".{self.host}") if self.below else host == self.host


def split_address(url: str) -> SplitResult:
    """Return the parts of a web address.

    Raises
    ------
    ServiceError
        If it is none: another scheme, no host, a user's name, or characters that do not belong.
    """
    try:
        split = urlsplit(url)
        usable = split.scheme in _DEFAULT_PORTS and bool(split.hostname) and split.port != 0
    except ValueError:
        usable = False
    if not usable or "@" in split.netloc or _STRANGE.search(url):
        raise ServiceError(f"{quoted(url)!r} is not an http:// or https:// address to be used")
    return split


def host_rules(options: ServiceOptions) -> tuple[HostRule, ...]:
    """Return what is allowed by the options.

    Raises
    ------
    ServiceError
        If an address or a host in them is none.
    """
    try:
        named = [HostRule.parse(text) for text in (*MISSION_HOSTS, *options.allowed_hosts)]
    except ValueError as error:
        raise ServiceError(f"allowed hosts: {error}") from None
    addresses = (options.mast_url, options.calibration_url)
    return (*named, *(HostRule.of_address(url) for url in addresses))


def check_address(url: str, rules: tuple[HostRule, ...]) -> None:
    """Refuse an address that is not allowed.

    Raises
    ------
    ServiceError
        If it is no web address, or on a host that no rule allows.
    """
    split = split_address(url)
    if not any(rule.allows(split) for rule in rules):
        raise ServiceError(
            f"{quoted(url)}: files are not taken from {quoted(split.netloc)}; if this host can be "
            "trusted, add it to the setting allowed_hosts (GPHOTON_DB_ALLOWED_HOSTS)"
        )


def shown(url: str) -> str:
    """Return an address for messages: without the query."""
    return quoted(url.partition("?")[0])
