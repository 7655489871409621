"""The contract says what the server does: valid OpenAPI, examples that work, every problem declared and explained."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import jsonschema
import orjson
import pytest
import schemathesis

from api import contract, media
from api.problems import MEDIA_TYPE, TITLES, Refusal, problem_of
from api.routes.problems import meanings
from reasoner import errors
from reasoner.published import schema
from tests.doors import ROOT, Server, example

Json = dict[str, Any]

BY_NATURE: Final = {
    "positive_data_acceptance": "whether a text is a case, a proof or a query, no schema can say",
}
"""What schemathesis is not asked to check, and why."""


@pytest.fixture
def told(server: Server) -> Json:
    """The contract as it is served; each test has its own, as tools that read one may change it."""
    found: Json = server.get("/openapi.json").json()
    return found


def operations(told: Json) -> Iterator[tuple[str, str, Json]]:
    """Every operation with its method and path."""
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def conforms(told: Json, shape: Json, value: Any) -> None:
    """Raise unless a value has a shape that the contract declares."""
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": told["components"], **shape}
    jsonschema.Draft202012Validator(whole).validate(value)


# The document


def test_the_contract_is_openapi_as_tools_read_it(told: Json) -> None:
    assert told["openapi"].startswith("3.1")
    loaded = schemathesis.openapi.from_dict(told)
    assert sum(1 for one in loaded.get_all_operations()) == len(list(operations(told)))


def test_every_reference_leads_somewhere_and_every_shape_is_one(told: Json) -> None:
    text = orjson.dumps(told).decode()
    schemas = told["components"]["schemas"]
    for name in set(re.findall(r'"\$ref":"([^"]*)"', text)):
        assert name.removeprefix("#/components/schemas/") in schemas, name
    for shape in schemas.values():
        jsonschema.Draft202012Validator.check_schema(shape)
    assert not {"HTTPValidationError", "ValidationError"} & set(schemas)


def test_every_route_has_a_summary_and_a_name_of_its_own(told: Json) -> None:
    names = [operation["operationId"] for _, _, operation in operations(told)]
    assert len({*names}) == len(names)
    assert all(operation["summary"] and operation["description"] for _, _, operation in operations(told))


def test_every_route_declares_the_problems_it_can_give_with_examples(told: Json) -> None:
    for method, path, operation in operations(told):
        declared = {int(status) for status in operation["responses"]}
        always = {400, 401, 408, 413, 415, 421, 429, 503} | (set() if method == "get" else {403})
        assert always <= declared, (method, path)
        if operation.get("parameters"):
            assert 422 in declared, path
        for status, answer in operation["responses"].items():
            if int(status) < 400:
                continue
            content = answer["content"]
            assert set(content) == {MEDIA_TYPE, media.HTML}, (path, status)
            shown = content[MEDIA_TYPE]["example"]
            conforms(told, content[MEDIA_TYPE]["schema"], shown)
            assert shown["status"] == int(status)
            assert meanings()[shown["code"]].status == int(status), shown["code"]


def test_the_pages_of_the_contract_name_no_other_host(server: Server) -> None:
    page = server.get("/docs", media.HTML).text
    for address in re.findall(r'(?:src|href|action)="([^"]*)"', page):
        assert address.startswith(("/", "#")), address
    assert "servers" not in server.get("/openapi.json").json()


# The shape of a determination


def test_a_determination_has_the_shape_that_is_served(server: Server, told: Json) -> None:
    served = server.get("/v1/schema/determination", "application/schema+json")
    assert served.headers["content-type"].startswith("application/schema+json")
    published = served.json()
    assert published == schema()
    assert server.get("/id/determination.schema.json").json() == published
    for name in ("minimal.jsonld", "l2-burst-metastasis.ttl"):
        found = server.client.post("/v1/determinations", content=example(name)).json()
        jsonschema.Draft202012Validator(published).validate(found)
        conforms(told, contract.DETERMINATION, found)


def test_the_shape_in_the_contract_is_the_published_one_in_parts(told: Json) -> None:
    parts, whole = told["components"]["schemas"], schema()
    assert parts["Determination"]["properties"].keys() == whole["properties"].keys()
    assert {name.removeprefix("Determination.") for name in parts if "." in name} == set(whole["$defs"])
    assert parts["Determination"]["externalDocs"]["url"] == whole["$id"]


def test_what_is_left_out_without_further_is_all_that_the_contract_lets_go(server: Server, told: Json) -> None:
    brief = server.client.post("/v1/determinations?further=false", content=example("minimal.jsonld")).json()
    conforms(told, contract.DETERMINATION, brief)
    assert set(schema()["required"]) - set(told["components"]["schemas"]["Determination"]["required"]) == set(
        schema()["required"]
    ) - set(brief)


# The examples


def test_every_example_of_a_body_works(server: Server, told: Json) -> None:
    tried = 0
    for method, path, operation in operations(told):
        for kind, shown in operation.get("requestBody", {}).get("content", {}).items():
            if "example" not in shown:
                assert (path, kind) in (
                    ("/v1/recheck", media.TRIG),  # a proof has a megabyte
                    ("/v1/determinations/batch", media.ZIP),  # and an archive is no text
                )
                continue
            sample = shown["example"]
            body = sample.encode() if isinstance(sample, str) else orjson.dumps(sample)
            found = server.client.request(method, path, content=body, headers={"Content-Type": kind})
            assert found.status_code == 200, (path, kind, found.text)
            tried += 1
            if path == "/v1/validate":
                assert found.json()["readable"] is True, kind
            if path == "/v1/determinations/batch":
                assert {orjson.loads(line)["status"] for line in found.text.splitlines()} == {200}
            shape = operation["responses"]["200"]["content"].get(media.JSON, {}).get("schema")
            if shape and found.headers["content-type"] == media.JSON:
                conforms(told, shape, found.json())
    assert tried >= 15


def test_every_example_of_a_parameter_works(server: Server, told: Json) -> None:
    for method, path, operation in operations(told):
        if method != "get":
            continue
        asked: dict[str, str] = {}
        needed: dict[str, str] = {}
        address = path
        for one in operation.get("parameters", ()):
            samples = [*one["schema"].get("examples", ()), *([one["example"]] if "example" in one else [])]
            if one["in"] == "path" and samples:
                address = address.replace("{" + one["name"] + "}", samples[0])
            elif samples and one["in"] == "query":
                # Without a query there is nothing of which to ask for a form or a graph.
                (needed if one["name"] == "query" else asked)[one["name"]] = samples[0]
        if "{" in address:
            continue
        for more in [{}, *({name: sample} for name, sample in asked.items())]:
            found = server.client.get(address, params=needed | more)
            assert found.status_code == 200, (address, more, found.text[:300])


# The problems


@lru_cache(maxsize=1)
def codes() -> dict[str, set[str]]:
    """Every code in our own source, with the names of what it is handed to."""
    found: dict[str, set[str]] = {}
    written = re.compile(r"[a-z]+\.[a-z]+(?:-[a-z]+)*")
    for path in (*(ROOT / "api").rglob("*.py"), *(ROOT / "reasoner").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            prefix = _PREFIXES.get((path.stem, called), "")
            for one in node.args:
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    code = prefix + one.value
                    if written.fullmatch(code) and (prefix or called in _TELLERS):
                        found.setdefault(code, set()).add(called)
                        break
    return found


_TELLERS: Final = {name for name in vars(errors) if name[0].isupper()} | {
    *("Refusal", "Problem", "StoreError", "StoreFailed", "StoreRefused", "StoreDamaged", "StoreConflict", "StoreFull"),
    *("StoreBusy", "StoreBehind", "StoreForeign", "StoreUnreachable", "ServerRefused", "SettingRefused"),
    *("damaged", "add", "_add", "_unknown"),
}
"""What a code is handed to where something is refused."""
_PREFIXES: Final = {
    ("proof", "_unreadable"): "proof.",
    ("batches", "_refused"): "batch.",
    ("query_tokens", "refuse"): "query.",
    ("query_gate", "refuse"): "query.",
}
"""Where a code is written without its first word."""


def test_every_code_in_the_source_has_a_status_and_a_meaning() -> None:
    assert len(codes()) > 100
    assert sorted(code for code in codes() if code not in meanings()) == []
    for one in meanings().values():
        assert one.status is None or one.status in TITLES, one.code
        assert re.fullmatch(r"[A-Z].{10,200}\.", one.text), one.code


def test_no_meaning_is_of_a_code_that_nothing_gives() -> None:
    source = "".join(
        path.read_text(encoding="utf-8")
        for room in ("api", "reasoner")
        for path in (ROOT / room).rglob("*.py")
        if path != ROOT / "api" / "problems.py"
    )
    made = {"case.no-patient", "case.no-request", "case.two-patients", "case.two-requests"}  # of a word each
    for code in meanings():
        last = code.partition(".")[2]
        assert f'"{code}"' in source or f'"{last}"' in source or code in made, code


def test_each_status_is_the_one_that_is_sent() -> None:
    for code, called in codes().items():
        status = meanings()[code].status
        if status is None:
            continue
        for name in called:
            kind = getattr(errors, name, None)
            if name in ("Refusal", "_refused"):
                assert Refusal(code, "").problem.status == status, code
            elif kind is not None:
                assert problem_of(kind(code, "")).status == status, code


def test_the_type_of_a_problem_leads_to_its_meaning(server: Server) -> None:
    listed = {one["code"]: one for one in server.get("/v1/problems").json()}
    assert listed.keys() == meanings().keys()
    refused = server.get("/v1/nothing").json()
    path = refused["type"].removeprefix("https://w3id.org/spine-reasoner")
    meant = server.get(f"/id{path}", media.JSON).json()
    assert meant == listed["address.unknown"]
    assert (meant["type"], meant["status"], meant["title"]) == (refused["type"], 404, refused["title"])
    page = server.get(f"/id{path}", media.HTML)
    assert page.headers["content-type"].startswith(media.HTML)
    assert meant["meaning"] in page.text
    unknown = server.get("/id/problem/case.levle", media.JSON)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "resource.unknown")
    assert "case.level" in unknown.json()["mend"]


# All at once


def test_schemathesis_finds_nothing(server: Server, tmp_path: Path) -> None:
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{server.origin}/openapi.json"),
            *("--exclude-checks", ",".join(BY_NATURE), "--max-examples", "8", "--seed", "1"),
            *("--continue-on-failure", "--no-color", "--generation-database", "none", "--request-timeout", "60"),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.contract_hooks", "COLUMNS": "120"},
    )
    assert ran.returncode == 0, ran.stdout[-6_000:] + ran.stderr[-2_000:]
    assert re.search(r"(\d{4,}) generated, \1 passed", ran.stdout), ran.stdout[-2_000:]
    assert not any('"failed"' in line for line in server.log)
