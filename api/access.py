"""Who may ask: callers who know the key, under a name that the server goes by, not from another site, not too often."""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from api.problems import Refusal

if TYPE_CHECKING:
    from starlette.requests import Request

    from api.settings import Settings

COOKIE: Final = "spine-entry"
_LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
_ADDRESS: Final = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,255})(?::[0-9]{1,5})?", re.ASCII)
"""A name with the port that may follow it."""
_OPEN: Final = ("/enter", "/health/", "/static/")
_SAFE: Final = frozenset(["GET", "HEAD", "OPTIONS"])
_MOST_CALLERS: Final = 10_000


def is_loopback(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine alone.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def entry(key: str) -> str:
    """What a browser that has shown the key carries instead of it."""
    return hmac.digest(key.encode(), b"spine workbench", "sha256").hex()


def is_key(shown: str, key: str) -> bool:
    """Whether what is shown is the key, in a time that does not tell how much of it was right."""
    return hmac.compare_digest(shown.encode(), key.encode())


@dataclass(slots=True)
class Turnstile:
    """How often each caller has come of late: as many requests as a minute allows, refilled evenly."""

    rate: int
    clock: Callable[[], float]
    _callers: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def admit(self, caller: str) -> None:
        """Let one request of a caller pass; Refusal with the seconds to wait if there were too many."""
        if not self.rate:
            return
        now = self.clock()
        left, since = self._callers.pop(caller, (float(self.rate), now))
        left = min(float(self.rate), left + (now - since) * self.rate / 60)
        self._callers[caller] = (max(left - 1, 0.0) if left >= 1 else left, now)
        while len(self._callers) > _MOST_CALLERS:
            self._callers.popitem(last=False)
        if left < 1:
            wait = max(1, round((1 - left) * 60 / self.rate))
            raise Refusal(
                "access.rate", "Too many requests came from you.", mend="Wait, then send it.", retry_after=wait
            )


def check_host(request: Request, settings: Settings) -> None:
    """Refuse a request that was addressed to another name: a page elsewhere may have had its name point here."""
    named = request.headers.get("host", "").lower()
    address = _ADDRESS.fullmatch(named)
    host = address[1] if address else ""
    known = {*_LOOPBACK, settings.host.lower(), *(one.strip().lower() for one in settings.hosts.split(",") if one)}
    if not host or (host not in known and host.strip("[]") not in known):
        raise Refusal(
            "host.unknown",
            "This server does not go by that name.",
            where="Host",
            mend="Whoever runs it names it with SPINE_HOSTS.",
        )


def check_origin(request: Request) -> None:
    """Refuse what another site makes a browser send; only a browser says where it comes from."""
    if request.method in _SAFE:
        return
    site, origin = request.headers.get("sec-fetch-site", ""), request.headers.get("origin", "null").lower()
    # A browser that does not say the first says the second, and says null on our own pages, which tell no referrer.
    elsewhere = not site and origin != "null" and origin.partition("://")[2] != request.headers.get("host", "").lower()
    if site in ("cross-site", "same-site") or elsewhere:
        raise Refusal("access.elsewhere", "Another site asked for this.", mend="Ask for it from a page of this server.")


def check_key(request: Request, settings: Settings) -> None:
    """Refuse a caller who does not know the key, where there is one."""
    key = settings.key.get_secret_value()
    if not key or request.url.path.startswith(_OPEN):
        return
    scheme, _, told = request.headers.get("authorization", "").partition(" ")
    shown = told.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
    by_key = is_key(shown, key)
    by_entry = hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), entry(key).encode())
    if not by_key and not by_entry:
        raise Refusal(
            "access.key",
            "This server asks for a key.",
            mend="Send `Authorization: Bearer KEY`, or enter it at /enter.",
        )
