"""Access: a key is compared whole, a name is checked, other sites and hurried callers are turned away."""

from __future__ import annotations

import pytest
from pydantic import SecretStr
from starlette.requests import Request

from api.access import COOKIE, Turnstile, check_host, check_key, check_origin, entry
from api.problems import Refusal
from api.settings import Settings

KEYED = Settings(key=SecretStr("a long key"), hosts="spine.example, other.example")


def request(method: str = "GET", path: str = "/v1/criteria", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request(
        {
            "type": "http",
            "method": method,
            "path": path,
            "headers": raw,
            "query_string": b"",
            "scheme": "http",
            "server": ("x", 1),
        }
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer a long key"},
        {"x_api_key": "a long key"},
        {"cookie": f"{COOKIE}={entry('a long key')}"},
    ],
)
def test_the_key_opens_in_each_of_its_forms(headers: dict[str, str]) -> None:
    check_key(request(**headers), KEYED)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer a long ke"},
        {"authorization": "Basic a long key"},
        {"cookie": f"{COOKIE}=a long key"},
        {"x_api_key": "\xfc"},
    ],
)
def test_anything_else_does_not(headers: dict[str, str]) -> None:
    with pytest.raises(Refusal) as refused:
        check_key(request(**headers), KEYED)
    assert refused.value.problem.status == 401


def test_without_a_key_and_for_health_nobody_is_asked() -> None:
    check_key(request(), Settings())
    check_key(request(path="/health/live"), KEYED)


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost", "[::1]:80", "spine.example:8765", "OTHER.example"])
def test_the_server_answers_to_its_names(host: str) -> None:
    check_host(request(host=host), KEYED)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "localhost.evil"])
def test_a_name_that_was_pointed_here_is_refused(host: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_host(request(host=host), KEYED)
    assert refused.value.problem.status == 421


def test_another_site_may_look_and_not_act() -> None:
    check_origin(request(sec_fetch_site="cross-site"))
    check_origin(request("POST", sec_fetch_site="same-origin"))
    check_origin(request("POST"))
    with pytest.raises(Refusal):
        check_origin(request("POST", sec_fetch_site="cross-site"))


def test_a_hurried_caller_waits_and_others_do_not() -> None:
    now = [0.0]
    turnstile = Turnstile(60, lambda: now[0])
    for _ in range(60):
        turnstile.admit("one")
    with pytest.raises(Refusal) as refused:
        turnstile.admit("one")
    assert refused.value.problem.retry_after == 1
    turnstile.admit("another")
    now[0] += 1
    turnstile.admit("one")
    with pytest.raises(Refusal):
        turnstile.admit("one")
