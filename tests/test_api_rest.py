"""The REST interface as a caller uses it: every route, every form, what is kept and what is not, and every refusal."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import Any, Final

import orjson
import pyoxigraph as ox
import pytest

from api import media
from api.tasks.forms import CASE, kept_parts
from reasoner import Determination, Library, determine
from reasoner.layout import as_markdown, as_text
from reasoner.report import Audience, sections_of, title_of
from reasoner.vocabulary import RECORD, SH
from tests.calls import FACTS, MINIMAL, PENDING, ask, post, refusal, small
from tests.doors import Server, serving

Json = dict[str, Any]

LABEL: Final = b"cauda equina signs under an extruded disc"


@lru_cache(maxsize=1)
def library() -> Library:
    return Library.read()


@lru_cache(maxsize=1)
def minimal() -> Determination:
    return determine(library(), MINIMAL)


# Validate


def test_a_case_that_can_be_read_is_told_so_with_remarks(server: Server) -> None:
    told = post(server, "/v1/validate", MINIMAL).json()
    assert told["readable"] is True
    assert {one["severity"] for one in told["results"]} == {"Warning"}


def test_a_report_in_turtle_is_one_of_shacl(server: Server) -> None:
    for body, conforms in ((MINIMAL, "false"), (MINIMAL.replace(b"hasSeverity", b"hasSeverty"), "false")):
        found = post(server, "/v1/validate", body, accept=media.TURTLE)
        assert (found.status_code, found.headers["content-type"].partition(";")[0]) == (200, media.TURTLE)
        graph = ox.Store()
        graph.load(found.content, format=ox.RdfFormat.TURTLE)
        (report,) = (q.subject for q in graph.quads_for_pattern(None, None, ox.NamedNode(SH + "ValidationReport")))
        assert value(graph, report, "conforms") == conforms
        results = [q.object for q in graph.quads_for_pattern(report, ox.NamedNode(SH + "result"), None)]
        assert results
        for one in results:
            assert str(value(graph, one, "focusNode")).startswith(RECORD)
            assert str(value(graph, one, "resultSeverity")).startswith(SH)
            assert value(graph, one, "sourceConstraintComponent")
            assert value(graph, one, "resultMessage")


def value(graph: ox.Store, node: Any, name: str) -> str:
    """The one value of a property of SHACL."""
    (found,) = graph.quads_for_pattern(node, ox.NamedNode(SH + name), None)
    return str(getattr(found.object, "value", found.object))


def test_a_remark_in_turtle_names_the_node_that_it_is_about(server: Server) -> None:
    told = post(server, "/v1/validate", MINIMAL, accept=media.TURTLE).text
    assert f"<{RECORD}#saddle>" in told
    assert f"<{RECORD}#bladder>" in told


def test_a_case_of_which_nothing_is_said_conforms(server: Server) -> None:
    from api.tasks.validation import Report, written  # noqa: PLC0415  only here is the maker of reports looked at

    assert b"sh:conforms true" in written(Report(readable=True, results=()), media.TURTLE)
    assert post(server, "/v1/validate", PENDING, media.TURTLE, media.TURTLE).status_code == 200


def test_a_report_as_text_says_what_is_wrong_and_how_to_mend_it(server: Server) -> None:
    broken = MINIMAL.replace(b"hasSeverity", b"hasSeverty")
    text = post(server, "/v1/validate", broken, accept=media.PLAIN).text
    assert text.startswith("The case cannot stand as it is.")
    assert "Did you mean 'hasSeverity'?" in text


# Determine


def test_json_is_that_of_the_call_in_process(server: Server) -> None:
    found = ask(server)
    assert found.status_code == 200
    assert found.content == minimal().to_json() + b"\n"
    brief = ask(server, further="false")
    assert brief.content == minimal().to_json(further=False) + b"\n"
    assert brief.headers["determination-id"] == found.headers["determination-id"]


def test_plain_json_needs_no_knowledge_of_rdf(server: Server) -> None:
    assert post(server, "/v1/determinations", MINIMAL, media.JSON).content == ask(server).content
    bare = orjson.loads(MINIMAL)
    del bare["@context"]
    assert post(server, "/v1/determinations", orjson.dumps(bare), media.JSON).status_code == 200


def test_rdf_forms_say_the_same(server: Server) -> None:
    graphs = []
    for form, reader in ((media.TURTLE, ox.RdfFormat.TURTLE), (media.JSON_LD, ox.RdfFormat.JSON_LD)):
        found = ask(server, form)
        assert found.headers["content-type"].partition(";")[0] == form
        dataset = ox.Dataset(ox.parse(found.content, format=reader))
        dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        graphs.append({str(quad) for quad in dataset})
    assert graphs[0] == graphs[1]
    assert any(ask(server).headers["determination-id"] in line for line in graphs[0])


def test_text_and_markdown_are_those_of_the_shell(server: Server) -> None:
    for audience in Audience:
        title, sections = title_of(minimal().data), sections_of(minimal(), audience)
        text = "\n".join(line.text for line in as_text(title, sections)) + "\n"
        assert ask(server, media.PLAIN, audience=audience.value).text == text
        assert ask(server, media.MARKDOWN, audience=audience.value).text == as_markdown(title, sections)


def test_a_page_is_a_page(server: Server) -> None:
    found = ask(server, media.HTML)
    assert found.headers["content-type"].startswith(media.HTML)
    assert found.text.startswith("<!doctype html>")
    assert found.headers["determination-id"] == ask(server).headers["determination-id"]


def test_every_syntax_of_a_case_gives_the_same_name(server: Server) -> None:
    name = ask(server).headers["determination-id"]
    lines = b"".join(
        f"{quad.subject} {quad.predicate} {quad.object} .\n".encode()
        for quad in reversed(list(ox.parse(_expanded(), format=ox.RdfFormat.N_TRIPLES)))
    )
    for kind in (media.N_TRIPLES, media.TURTLE, media.TRIG):
        again = post(server, "/v1/determinations", lines, kind)
        assert again.headers["determination-id"] == name
        assert again.content == ask(server).content


def _expanded() -> bytes:
    return kept_parts(minimal())[CASE]


def test_another_policy_or_date_gives_another_name(server: Server) -> None:
    asked: list[dict[str, str]] = [
        {},
        {"policy": "aetna-cpb-0743"},
        {"asOf": "2026-05-01"},
        {"evidenceUntil": "2026-02-28"},
    ]
    assert len({ask(server, **one).headers["determination-id"] for one in asked}) == len(asked)


def test_the_policy_and_its_edition_are_those_asked_for(server: Server) -> None:
    told = ask(server, policy="aetna-cpb-0743", asOf="2019-05-01").json()
    assert (told["policy"]["id"], told["asOf"]) == ("aetna-cpb-0743-2016", "2019-05-01")
    cut = ask(server, evidenceUntil="2026-02-28").json()
    assert cut["evidenceUntil"] == "2026-02-28"
    assert cut["setAside"]


# Keep


def test_nothing_is_kept_unless_asked_for(server: Server) -> None:
    before = server.get("/health/ready").json()["kept"]
    for form in (media.JSON, media.TRIG, media.HTML):
        assert ask(server, form, asOf="2026-06-01").status_code == 200
    name = ask(server, asOf="2026-06-01").headers["determination-id"]
    assert server.get("/health/ready").json()["kept"] == before
    refusal(server.get(f"/v1/determinations/{name}"), 404, "determination.unknown")
    for file in server.data.rglob("*"):
        assert not file.is_file() or (LABEL not in file.read_bytes() and name.encode() not in file.read_bytes()), file


@pytest.fixture(scope="module")
def kept(server: Server) -> tuple[str, dict[str, bytes]]:
    """A determination that was kept, with every form in which it was told at first."""
    first = small(server, keep="true", policy="nice-ng59")
    assert first.status_code == 201
    name = first.headers["determination-id"]
    assert first.headers["location"] == f"/v1/determinations/{name}"
    told = {media.JSON: first.content}
    for form in (media.TURTLE, media.JSON_LD, media.TRIG, media.MARKDOWN, media.PLAIN):
        again = small(server, form, keep="true", policy="nice-ng59")
        assert (again.status_code, again.headers["location"]) == (200, first.headers["location"])
        told[form] = again.content
    return name, told


def test_what_is_kept_is_told_again_byte_for_byte(server: Server, kept: tuple[str, dict[str, bytes]]) -> None:
    name, told = kept
    for form, body in told.items():
        found = server.get(f"/v1/determinations/{name}", form)
        assert found.headers["content-type"].partition(";")[0] == form
        assert found.content == body, form
    page = server.get(f"/v1/determinations/{name}", media.HTML)
    assert page.text.startswith("<!doctype html>")
    assert name in page.text


def test_the_case_on_a_kept_page_can_be_determined_again(server: Server, kept: tuple[str, dict[str, bytes]]) -> None:
    page = server.get(f"/v1/determinations/{kept[0]}", media.HTML).text
    ((case, kind),) = re.findall(
        r'name="case" value="([^"]*)">\s*<input type="hidden" name="media" value="([^"]*)"', page
    )
    again = post(server, "/v1/determinations", unescape(case).encode(), unescape(kind), policy="nice-ng59")
    assert again.headers["determination-id"] == kept[0]


def test_a_kept_determination_is_explained_to_each_audience(server: Server, kept: tuple[str, dict[str, bytes]]) -> None:
    name, _ = kept
    for audience in Audience:
        for form in (media.MARKDOWN, media.PLAIN):
            found = server.client.get(
                f"/v1/determinations/{name}/explanation", params={"audience": audience.value}, headers={"Accept": form}
            )
            again = small(server, form, policy="nice-ng59", audience=audience.value)
            assert found.content == again.content


def test_what_is_kept_outlives_the_server(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        first = small(server, keep="true")
        assert first.status_code == 201
    with serving(tmp_path) as server:
        assert server.get("/health/ready").json()["kept"] == 1
        assert server.get(first.headers["location"], media.JSON).content == first.content
        assert small(server, keep="true").status_code == 200


# Recheck


def test_a_proof_holds_and_a_tampered_one_does_not(server: Server) -> None:
    proof = small(server, media.TRIG).content
    told = post(server, "/v1/recheck", proof, media.TRIG).json()
    assert (told["holds"], told["differences"], told["tampered"]) == (True, [], [])
    assert told["judged"] == sum(told["answers"].values()) > 0
    lie = proof.replace(b"nec:NotDocumented", b"nec:Met", 1)
    assert lie != proof
    told = post(server, "/v1/recheck", lie, media.TRIG).json()
    assert told["holds"] is False
    assert "determination" in told["tampered"]


@pytest.mark.parametrize("body", [b"<urn:a> <urn:b> <urn:c> .", b"Mrs Miller", b"{}"])
def test_what_is_no_proof_is_refused(server: Server, body: bytes) -> None:
    found = post(server, "/v1/recheck", body, media.TRIG)
    assert found.status_code == 400
    assert found.json()["code"].startswith("proof.")
    assert "Miller" not in found.text


# Changes


def test_supposed_facts_settle_what_is_open(server: Server) -> None:
    before = post(server, "/v1/determinations", PENDING, media.TURTLE).json()
    assert before["outcome"] == "undetermined" or before["pending"], before["outcome"]
    body = orjson.dumps({"case": PENDING.decode(), "facts": FACTS})
    told = post(server, "/v1/changes", body, media.JSON).json()
    assert told["differences"]["outcome"] == {"before": before["outcome"], "after": "necessary"}
    assert told["determination"]["outcome"] == "necessary"
    assert "necessary" in post(server, "/v1/changes", body, media.JSON, media.MARKDOWN).text


def test_members_may_stand_in_any_syntax(server: Server) -> None:
    turtle = """@prefix case: <https://w3id.org/spine-reasoner/case#> .
@prefix spine: <https://w3id.org/spine-reasoner/spine#> .
<> case:records <#saddle> , <#bladder> .
<#saddle> a spine:SaddleAnaesthesia ; case:onsetDate "2026-03-01"^^<http://www.w3.org/2001/XMLSchema#date> .
<#bladder> a spine:UrinaryRetention ; case:onsetDate "2026-03-01"^^<http://www.w3.org/2001/XMLSchema#date> .
"""
    case = PENDING.decode()
    found = [
        post(server, "/v1/changes", orjson.dumps({"case": case, "facts": facts}), media.JSON).json()["differences"]
        for facts in (FACTS, orjson.dumps(FACTS).decode(), turtle)
    ]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{}", 400, "request.json"),
        (b"[]", 400, "request.json"),
        (b'{"case": {}}', 400, "request.members"),
        (b'{"case": {}, "facts": {}, "more": {}}', 400, "request.members"),
        (b'{"case": {}, "case": {}, "facts": {}}', 400, "request.members"),
        (b'{"case": 1, "facts": {}}', 400, "request.members"),
        (b'{"case": {"label": "a", "label": "b"}, "facts": {}}', 400, "case.duplicate-key"),
        (b'{"case": {}, "facts": {}} more', 400, "request.members"),
        (b'{"case": "\xff"}', 400, "case.encoding"),
        (b"[" * 1_000, 400, "case.too-deep"),
    ],
)
def test_an_object_with_other_members_is_refused(server: Server, body: bytes, status: int, code: str) -> None:
    refusal(post(server, "/v1/changes", body, media.JSON), status, code)


# Beside


def test_head_is_get_without_the_body(server: Server) -> None:
    for path in ("/v1/context", "/v1/schema/determination", "/v1/knowledge/lumbar-fusion", "/health/live", "/"):
        got, head = server.get(path), server.client.head(path, headers={"Accept": "*/*"})
        assert (head.status_code, head.content) == (200, b"")
        for name in ("content-type", "content-length"):
            assert head.headers.get(name) == got.headers.get(name)


def test_what_has_a_tag_is_not_sent_twice(server: Server) -> None:
    for path in ("/v1/context", "/v1/schema/determination", "/v1/knowledge", "/v1/criteria", "/v1/problems"):
        first = server.get(path)
        again = server.client.get(path, headers={"Accept": "*/*", "If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]


def test_no_answer_about_a_case_may_be_stored(server: Server, kept: tuple[str, dict[str, bytes]]) -> None:
    assert ask(server).headers["cache-control"] == "no-store"
    assert server.get(f"/v1/determinations/{kept[0]}").headers["cache-control"] == "no-store"
    for found in (ask(server), server.get("/nothing"), server.get("/health/live")):
        assert found.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in found.headers["content-security-policy"]
        assert re.fullmatch("[0-9a-f]{16}", found.headers["x-request-id"])
