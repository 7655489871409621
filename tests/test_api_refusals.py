"""What the REST interface refuses, and how: a status, a stable code, the place, and how to mend it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from api import media
from tests.calls import MINIMAL, PENDING, ask, post, refusal, send
from tests.doors import Server, serving


def test_a_syntax_error_is_told_with_line_and_column(server: Server) -> None:
    told = refusal(send(server, MINIMAL[:-10]), 400, "case.syntax")
    assert (told["line"], told["column"]) == (16, 66)
    turtle = PENDING + b"<#x> a spine:DiscExtrusion ; ; case:atLevel"
    told = refusal(post(server, "/v1/determinations", turtle, media.TURTLE), 400, "case.syntax")
    assert told["line"] == PENDING.count(b"\n") + 1
    assert told["column"] > 0
    proof = b"<urn:a> { <urn:b> <urn:c> }\n}"
    assert post(server, "/v1/recheck", proof, media.TRIG).json()["code"] == "proof.syntax"


def test_a_misspelt_property_is_told_with_the_nearest_and_its_line(server: Server) -> None:
    for body, kind in (
        (MINIMAL.replace(b"hasSeverity", b"hasSeverty"), media.JSON_LD),
        (PENDING.replace(b"hasSeverity", b"hasSeverty"), media.TURTLE),
    ):
        told = refusal(send(server, body, kind), 422, "case.term-unknown")
        assert "hasSeverity" in told["mend"]
        assert body.splitlines()[told["line"] - 1].count(b"hasSeverty") == 1
        assert told["problems"][0]["code"] == told["code"]


def test_everything_wrong_with_a_case_is_told_at_once(server: Server) -> None:
    body = MINIMAL.replace(b"hasSeverity", b"hasSeverty").replace(b"ageInYears", b"ageInYeers")
    assert len(refusal(send(server, body), 422, "case.term-unknown")["problems"]) == 2


def test_a_policy_that_is_unknown_or_not_in_force_is_told_with_what_there_is(server: Server) -> None:
    assert "aetna-cpb-0743," in refusal(ask(server, policy="aetna-cpb-074"), 422, "policy.unknown")["mend"]
    told = refusal(ask(server, policy="aetna-cpb-0743", asOf="2001-01-01"), 422, "policy.not-in-force")
    assert "aetna-cpb-0743-2016" in told["mend"]
    refusal(ask(server, policy="mcg"), 422, "policy.not-checkable")


@pytest.mark.parametrize(
    "asked",
    [
        {"policy": "../../etc"},
        {"policy": ""},
        {"asOf": "0"},
        {"asOf": "20260101"},
        {"asOf": "2026-01-01T10:00:00"},
        {"asOf": "2026-02-30"},
        {"evidenceUntil": "1700000000"},
        {"audience": "judge"},
        {"further": "perhaps"},
        {"keep": "2"},
    ],
)
def test_a_parameter_that_cannot_stand_is_refused(server: Server, asked: dict[str, str]) -> None:
    told = refusal(ask(server, **asked), 422, "request.unprocessable")
    assert next(iter(asked)) in told["where"]


def test_a_parameter_that_is_not_known_is_never_passed_over(server: Server) -> None:
    assert "policy" in refusal(ask(server, polcy="default"), 422, "request.unprocessable")["mend"]
    assert "asOf" in refusal(ask(server, as_of="2026-01-01"), 422, "request.unprocessable")["mend"]
    refusal(post(server, "/v1/validate", MINIMAL, policy="default"), 422, "request.unprocessable")
    name = "0" * 64
    refusal(server.get(f"/v1/determinations/{name}?policy=default"), 422, "request.unprocessable")
    twice = server.client.post("/v1/determinations?policy=default&policy=mcg", content=MINIMAL)
    refusal(twice, 422, "request.unprocessable")


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (MINIMAL.replace(b"47", b"NaN"), media.JSON, 400, "case.number"),
        (MINIMAL.replace(b"47", b"Infinity"), media.JSON_LD, 400, "case.number"),
        (MINIMAL.replace(b"47", b"4700"), media.JSON, 422, "case.number-range"),
        (MINIMAL.replace(b"2026-03-02", b"2026-02-30"), media.JSON, 422, "case.date"),
        (MINIMAL.replace(b"L4-L5", b"L7-L8"), media.JSON, 422, "case.level"),
        (MINIMAL.replace(b'"label"', b'"label": "a", "label"'), media.JSON, 400, "case.duplicate-key"),
        (MINIMAL.replace(b"context.jsonld", b"other.jsonld"), media.JSON, 422, "case.context"),
        (b"\xff\xfe", media.TURTLE, 400, "case.encoding"),
        (b"<> a <x> .\x00", media.TURTLE, 400, "case.encoding"),
        (b"[" * 100_000, media.TURTLE, 400, "case.too-deep"),
        (b"{" * 100_000, media.JSON, 400, "case.too-deep"),
        (b"<< <a> <b> <c> >> <d> <e> .", media.TURTLE, 400, "case.triple-term"),
        (b"<urn:g> { <a> <b> <c> }", media.TRIG, 400, "case.named-graph"),
        (b"# " + b"x" * 2_000_010, media.TURTLE, 413, "case.too-large"),
        (b"# " + b"x" * 2_200_000, media.TURTLE, 413, "request.too-large"),
        (MINIMAL, "application/rdf+xml", 415, "case.media-type"),
        (MINIMAL, "text/turtle; charset=latin-1", 400, "case.encoding"),
        (MINIMAL, "image/png", 415, "case.media-type"),
        (b"", media.TURTLE, 400, "request.empty"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(server: Server, body: bytes, kind: str, status: int, code: str) -> None:
    refusal(send(server, body, kind), status, code)


def test_a_form_that_is_not_offered_is_refused_with_those_that_are(server: Server) -> None:
    assert media.TURTLE in refusal(ask(server, "application/xml"), 406, "media.not-acceptable")["mend"]
    refusal(post(server, "/v1/recheck", b"x", media.TRIG, media.TURTLE), 406, "media.not-acceptable")
    refusal(post(server, "/v1/changes", b"{}", media.JSON, media.TURTLE), 406, "media.not-acceptable")
    refusal(post(server, "/v1/determinations/batch", b"{}", media.NDJSON, media.JSON), 406, "media.not-acceptable")


def test_a_kind_of_body_that_an_address_does_not_read_is_refused(server: Server) -> None:
    refusal(post(server, "/v1/recheck", b"{}", media.JSON), 415, "media.unsupported")
    refusal(post(server, "/v1/changes", b"{}", media.TURTLE), 415, "media.unsupported")
    refusal(post(server, "/v1/determinations/batch", b"{}", media.JSON, "*/*"), 415, "media.unsupported")
    squeezed = server.client.post("/v1/validate", content=MINIMAL, headers={"Content-Encoding": "gzip"})
    refusal(squeezed, 415, "request.content-encoding")


def test_an_address_or_a_method_that_is_not_there_is_refused(server: Server) -> None:
    refusal(server.get("/v1/nothing"), 404, "address.unknown")
    refusal(server.get("/v1/determinations/" + "0" * 64), 404, "determination.unknown")
    refusal(server.get("/v1/determinations/abc"), 422, "request.unprocessable")
    for method, path, allowed in (
        ("GET", "/v1/validate", "POST"),
        ("PUT", "/v1/determinations", "POST"),
        ("GET", "/v1/determinations/batch", "POST"),
        ("DELETE", "/v1/determinations/" + "0" * 64, "GET, HEAD"),
        ("POST", "/v1/criteria", "GET, HEAD"),
        ("OPTIONS", "/sparql", "GET, POST, HEAD"),
        ("POST", "/static/workbench.css", "GET, HEAD"),
    ):
        found = server.client.request(method, path)
        refusal(found, 405, "address.method")
        assert found.headers["allow"] == allowed


def test_a_host_of_another_name_and_another_site_are_refused(server: Server) -> None:
    refusal(server.client.get("/v1/criteria", headers={"Host": "elsewhere.example"}), 421, "host.unknown")
    found = server.client.post("/v1/validate", content=MINIMAL, headers={"Sec-Fetch-Site": "cross-site"})
    refusal(found, 403, "access.elsewhere")


def test_a_browser_is_told_a_refusal_as_a_page(server: Server) -> None:
    found = ask(server, "text/html,*/*;q=0.8", policy="nothing")
    assert found.status_code == 422
    assert found.headers["content-type"].startswith(media.HTML)
    assert "policy.unknown" in found.text


def test_a_body_that_does_not_arrive_is_not_waited_for(tmp_path: Path) -> None:
    def trickle() -> Iterator[bytes]:
        yield b"{"
        for _ in range(100):
            gate.wait(0.1)
            yield b" "

    gate = threading.Event()
    with serving(tmp_path, "--body-seconds", "0.5", "--rate", "40") as server:
        found = server.client.post("/v1/validate", content=trickle(), headers={"Content-Type": media.JSON})
        refusal(found, 408, "request.slow")
        found = next(one for one in iter(lambda: server.get("/v1/problems"), None) if one.status_code != 200)
        refusal(found, 429, "access.rate")
        assert int(found.headers["retry-after"]) >= 1
