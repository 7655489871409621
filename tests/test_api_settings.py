"""Settings: a flag before the environment before the default; metrics and logs that count everything and quote nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import ValidationError

from api.settings import Settings, data_folder
from api.shell import SettingRefused, _settings
from tests.doors import Server, example, serving

PRIVATE: Final = "Mrs Eleanor Miller-Ashby, born 1950"
WORDS: Final = ("Miller", "Eleanor", "born 1950", "zebra-policy")


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without any setting of ours."""
    import os  # noqa: PLC0415  only to look at names

    for name in os.environ:
        if name.startswith("SPINE_"):
            monkeypatch.delenv(name)
    return monkeypatch


def test_a_flag_wins_over_the_environment_and_that_over_the_default(surroundings: pytest.MonkeyPatch) -> None:
    assert _settings({}).workers == 2
    surroundings.setenv("SPINE_WORKERS", "5")
    assert _settings({"workers": None}).workers == 5
    assert _settings({"workers": 7}).workers == 7


def test_every_setting_can_be_given_by_environment(surroundings: pytest.MonkeyPatch) -> None:
    others: dict[str, Any] = {"log_level": "debug", "store_digest": "true", "warm": "false", "data": "/srv/spine"}
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        given = others.get(name) or (str(default + 1) if isinstance(default, int | float) else "else")
        surroundings.setenv(f"SPINE_{name.upper()}", given)
        assert getattr(_settings({}), name) != default, name
        surroundings.delenv(f"SPINE_{name.upper()}")


def test_every_setting_says_what_it_is() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.rstrip().endswith("."), name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "70000"),
        ("port", "http"),
        ("workers", "0"),
        ("body", "10"),
        ("case_seconds", "0"),
        ("case_seconds", "nan"),
        ("query_seconds", "inf"),
        ("memory", "1"),
        ("log_level", "shout"),
        ("rate", "-1"),
    ],
)
def test_a_value_that_cannot_stand_is_refused_by_both_names(
    surroundings: pytest.MonkeyPatch, name: str, value: str
) -> None:
    surroundings.setenv(f"SPINE_{name.upper()}", value)
    with pytest.raises(SettingRefused) as refused:
        _settings({})
    assert refused.value.code == "setting.value"
    assert f"SPINE_{name.upper()}" in refused.value.where
    assert f"--{name.replace('_', '-')}" in refused.value.where


def test_a_setting_made_by_hand_must_be_one() -> None:
    with pytest.raises(ValidationError):
        Settings(wrokers=3)  # type: ignore[call-arg]  # that is the point


def test_what_is_secret_is_not_printed(surroundings: pytest.MonkeyPatch) -> None:
    surroundings.setenv("SPINE_KEY", PRIVATE)
    surroundings.setenv("SPINE_STORE_PASSWORD", PRIVATE)
    assert "Miller" not in repr(_settings({})) + str(_settings({}).model_dump())
    assert _settings({}).key.get_secret_value() == PRIVATE


def test_data_lies_in_the_users_own_folder(surroundings: pytest.MonkeyPatch) -> None:
    surroundings.setenv("XDG_DATA_HOME", "/srv/mine")
    assert data_folder() == Path("/srv/mine/spine-reasoner")
    surroundings.delenv("XDG_DATA_HOME")
    assert data_folder() == Path.home() / ".local" / "share" / "spine-reasoner"


def numbers(server: Server) -> dict[str, float]:
    """The counters of a server, each with its labels."""
    found = server.get("/metrics")
    assert found.headers["content-type"].startswith("text/plain")
    lines = (line.rpartition(" ") for line in found.text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def test_metrics_count_what_was_done_by_pattern_alone(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        before = numbers(server)
        case = example("minimal.jsonld").replace(b"A short case", PRIVATE.encode())
        for path in ("/v1/determinations?keep=true", "/v1/determinations?policy=zebra-policy", "/v1/validate"):
            server.client.post(path, content=case, headers={"Content-Type": "application/json"})
        server.get("/id/Eleanor-Miller")
        server.get("/Eleanor/Miller")
        server.client.request("MILLER", "/v1/validate")
        after = numbers(server)
        text = server.get("/metrics").text

        def moved(name: str) -> float:
            return after.get(name, 0.0) - before.get(name, 0.0)

        request = 'spine_requests_total{method="%s",route="%s",status="%s"}'
        assert moved(request % ("POST", "/v1/determinations", 201)) == 1
        assert moved(request % ("POST", "/v1/determinations", 422)) == 1
        assert moved(request % ("POST", "/v1/validate", 200)) == 1
        assert moved(request % ("GET", "/id/{path:path}", 404)) == 1
        assert sum(moved(one) for one in after if one.startswith('spine_requests_total{method="OTHER"')) == 1
        assert moved('spine_jobs_total{end="done",lane="cases"}') == 3
        assert after["spine_determinations_kept"] == 1
        assert after["spine_failures_total"] == 0
        assert {"spine_workers_busy", "spine_jobs_waiting"} <= {name.partition("{")[0] for name in after}
        assert 'spine_request_seconds_count{route="/v1/determinations"}' in after
        assert not any(word in text for word in WORDS)
        assert len(text) < 100_000

        _check_log(server)


def _check_log(server: Server) -> None:
    """Every line after the first is JSON; none quotes an address, a parameter or a case."""
    lines = [json.loads(line) for line in server.log[1:]]
    requests = [one for one in lines if one["event"] == "request"]
    assert len(requests) >= 8
    for one in requests:
        assert {"method", "route", "status", "milliseconds", "bytes_in", "bytes_out", "request", "timestamp"} <= set(
            one
        )
        assert re.fullmatch("[0-9a-f]{16}", one["request"])
        assert "?" not in one["route"]
    assert any(one.get("code") == "policy.unknown" for one in requests)
    assert not any(word in line for word in WORDS for line in server.log[1:])


def test_a_limit_that_was_set_is_the_one_that_holds(tmp_path: Path) -> None:
    environment = {"SPINE_BODY": "2048", "SPINE_BATCH_CASES": "3", "SPINE_WORKERS": "4"}
    flags = ("--workers", "1", "--batch-body", "4096", "--log-level", "error")
    with serving(tmp_path, *flags, environment=environment) as server:
        assert server.get("/health/ready").json()["workers"]["cases"] == 1
        large = server.client.post("/v1/validate", content=b"x" * 2_049)
        assert (large.status_code, "2,048" in large.json()["what"]) == (413, True)
        headers = {"Content-Type": "application/x-ndjson"}
        many = server.client.post("/v1/determinations/batch", content=b"{}\n" * 4, headers=headers)
        assert (many.status_code, many.json()["code"]) == (413, "batch.too-many")
        large = server.client.post("/v1/determinations/batch", content=b"{}\n" * 1_400, headers=headers)
        assert (large.status_code, large.json()["code"]) == (413, "request.too-large")
        assert len(server.log) == 1  # Nothing of this is an error.
