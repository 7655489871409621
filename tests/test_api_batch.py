"""Batches: any container, in the order sent, line by line as they are made; one bad case costs nobody else anything."""

from __future__ import annotations

import io
import threading
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any, Final

import httpx
import orjson
import pytest

from api import media
from api.tasks.batches import MOST_BYTES, entries_of, split
from api.workers.frames import Job, Reply
from tests.doors import Server, example, serving

Json = dict[str, Any]

MINIMAL: Final = example("minimal.jsonld")
LINE: Final = MINIMAL.replace(b"\n", b" ")
BURST: Final = example("l2-burst-metastasis.ttl")
SECOND: Final = example("l1-sarcoma-second-stage.ttl")
GRAPHS: Final = b"""
@prefix case:  <https://w3id.org/spine-reasoner/case#> .
@prefix spine: <https://w3id.org/spine-reasoner/spine#> .
<urn:second> {
    <> a case:Case ; case:hasPatient <#patient> ; case:hasRequest <#request> .
    <#patient> a case:Patient .
    <#request> a case:Request ; case:asksFor <#cement> .
    <#cement> a spine:Vertebroplasty ; case:atLevel spine:L1 .
}
<urn:first> { <> a case:Case ; case:hasPatien <#patient> . }
<urn:third> {
    <> a case:Case ; case:hasPatient [ a case:Patient ] ; case:hasRequest <#request> .
    <#request> a case:Request ; case:asksFor <#cement> .
    <#cement> a spine:Vertebroplasty ; case:atLevel spine:L2 .
}
"""


def post(server: Server, body: bytes, kind: str, **asked: str) -> httpx.Response:
    """Send a batch."""
    return server.client.post("/v1/determinations/batch", content=body, headers={"Content-Type": kind}, params=asked)


def lines(found: httpx.Response) -> list[Json]:
    """The lines of an answer, whose numbers say their order."""
    assert (found.status_code, found.headers["content-type"]) == (200, media.NDJSON), found.text
    told = [orjson.loads(line) for line in found.text.splitlines()]
    assert [one["index"] for one in told] == list(range(len(told)))
    return told


def zipped(files: Iterable[tuple[str, bytes]], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of files."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", packing) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return found.getvalue()


def taken_apart(body: bytes, kind: str, most: int = 10) -> Reply:
    """What a worker makes of a batch."""
    return split(None, Job("split", {"kind": kind, "most": most}, body))  # type: ignore[arg-type]  # it needs no bench


def test_each_line_is_a_case_and_a_bad_one_answers_for_itself(server: Server) -> None:
    body = b"\n".join([LINE, b"", LINE.replace(b"hasSeverity", b"hasSeverty"), b"no json", LINE])
    told = lines(post(server, body, media.NDJSON))
    assert [one["status"] for one in told] == [200, 422, 400, 200]
    assert [one["name"] for one in told] == ["line 1", "line 3", "line 4", "line 5"]
    assert told[0]["determination"] == told[3]["determination"]
    assert "hasSeverity" in told[1]["problem"]["mend"]
    assert (told[2]["problem"]["code"], told[2]["problem"]["line"]) == ("case.syntax", 1)


def test_a_line_says_what_a_request_of_its_own_would(server: Server) -> None:
    for further in ("true", "false"):
        asked = {"policy": "aetna-cpb-0743", "asOf": "2026-05-01", "evidenceUntil": "2026-04-01", "further": further}
        (told,) = lines(post(server, LINE, media.NDJSON, **asked))
        alone = server.client.post("/v1/determinations", content=MINIMAL, params=asked)
        assert told["determination"] == alone.json()
        assert told["id"] == alone.headers["determination-id"]


def test_an_archive_is_read_in_its_order_whatever_its_folders_and_names(server: Server) -> None:
    files = [
        ("deep/er/burst.ttl", BURST),
        ("../../outside.json", MINIMAL),
        ("/etc/absolute.ttl", SECOND),
        ("no-suffix", MINIMAL),
        ("notes.txt", b"no case at all"),
        ("umlaut-ä.ttl", BURST),
    ]
    with zipfile.ZipFile(packed := io.BytesIO(zipped(files)), "a") as archive:
        archive.writestr(zipfile.ZipInfo("an empty folder/"), b"")
    told = lines(post(server, packed.getvalue(), media.ZIP))
    assert [one["name"] for one in told] == [name for name, _ in files]
    assert [one["status"] for one in told] == [200, 200, 200, 200, 400, 200]
    assert told[0]["id"] == told[5]["id"]
    assert not list(server.data.rglob("outside*"))


def test_each_graph_is_a_case(server: Server) -> None:
    told = lines(post(server, GRAPHS, media.TRIG))
    assert [one["name"] for one in told] == ["urn:second", "urn:first", "urn:third"]
    assert [one["status"] for one in told] == [200, 422, 200]
    assert told[1]["problem"]["code"] == "case.term-unknown"


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"\n\n", media.NDJSON, 400, "batch.empty"),
        (zipped([]), media.ZIP, 400, "batch.empty"),
        (b"# nothing", media.TRIG, 400, "batch.empty"),
        (b"no archive", media.ZIP, 400, "batch.archive"),
        (zipped([("a.ttl", BURST)])[:-30], media.ZIP, 400, "batch.archive"),
        (b"\xff\xfe", media.TRIG, 400, "batch.encoding"),
        (b"<urn:a> {\n <urn:b> <urn:c> }", media.TRIG, 400, "batch.syntax"),
        (b"(" * 100_000, media.TRIG, 400, "case.too-deep"),
        (b"<urn:a> { << <b> <c> <d> >> <e> <f> }", media.TRIG, 400, "case.triple-term"),
        (LINE, media.TURTLE, 415, "media.unsupported"),
        (b"", media.NDJSON, 400, "request.empty"),
        (b"{}\n" * 10_001, media.NDJSON, 413, "batch.too-many"),
        (zipped((f"{number}.ttl", b"") for number in range(10_001)), media.ZIP, 413, "batch.too-many"),
    ],
)
def test_a_batch_that_cannot_be_taken_apart_is_refused_whole(
    server: Server, body: bytes, kind: str, status: int, code: str
) -> None:
    found = post(server, body, kind)
    assert (found.status_code, found.json()["code"]) == (status, code), found.text
    if code == "batch.syntax":
        assert (found.json()["line"], found.json()["column"]) > (1, 0)


def test_ten_thousand_cases_with_long_names_are_taken_apart() -> None:
    named = [(f"{'folder-with-a-long-name/' * 6}{number}.json", LINE[:40]) for number in range(10_000)]
    reply = taken_apart(zipped(named, zipfile.ZIP_STORED), media.ZIP, 10_000)
    assert [one.name for one in entries_of(reply)] == [name for name, _ in named]
    assert len(reply.facts) == 0


def test_what_unpacks_to_too_much_is_not_unpacked(server: Server) -> None:
    big = b" " * 2_100_000
    (told,) = lines(post(server, zipped([("bomb.ttl", b" " * 200_000_000)]), media.ZIP))
    assert (told["status"], told["problem"]["code"]) == (413, "case.too-large")
    found = post(server, zipped((f"{number}.ttl", big) for number in range(MOST_BYTES // 2_000_000 + 1)), media.ZIP)
    assert (found.status_code, found.json()["code"]) == (413, "batch.too-large")
    assert server.get("/health/ready").status_code == 200


def _locked() -> bytes:
    """An archive whose first file claims to have a password, and is followed by one that has none."""
    data = bytearray(zipped([("locked.ttl", BURST), ("open.ttl", BURST)], zipfile.ZIP_STORED))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    return bytes(data)


def _damaged() -> bytes:
    """An archive in which a byte of the first file has changed."""
    data = bytearray(zipped([("damaged.ttl", BURST), ("whole.ttl", BURST)], zipfile.ZIP_STORED))
    place = data.index(BURST[:40]) + 20
    data[place] ^= 0xFF
    return bytes(data)


def _garbled() -> bytes:
    """An archive in which the packed bytes of the first file are no packed bytes."""
    packed = zlib.compress(BURST, wbits=-15)
    data = zipped([("garbled.ttl", BURST), ("whole.ttl", SECOND)])
    place = data.index(packed[:20])
    return data[:place] + b"\xff" * 40 + data[place + 40 :]


@pytest.mark.parametrize("body", [_locked(), _damaged(), _garbled()])
def test_a_file_that_cannot_be_unpacked_answers_for_itself(server: Server, body: bytes) -> None:
    told = lines(post(server, body, media.ZIP))
    assert [one["status"] for one in told] == [400, 200]
    assert told[0]["problem"]["code"] == "batch.file"


def test_the_first_line_comes_before_the_last_case_is_begun(server: Server) -> None:
    body = b"\n".join([LINE] * 300)
    with server.client.stream(
        "POST", "/v1/determinations/batch", content=body, headers={"Content-Type": media.NDJSON}
    ) as answer:
        told = answer.iter_lines()
        first = orjson.loads(next(told))
        done = _jobs(server)
        assert first["index"] == 0
        assert [orjson.loads(line)["index"] for line in told] == list(range(1, 300))
    assert _jobs(server) > done


def _jobs(server: Server) -> float:
    """How many jobs about cases have been done."""
    text = httpx.get(f"{server.origin}/metrics", trust_env=False).text
    (line,) = (one for one in text.splitlines() if one.startswith('spine_jobs_total{end="done",lane="cases"}'))
    return float(line.split()[-1])


def test_a_caller_who_goes_away_ends_the_batch(server: Server) -> None:
    body = b"\n".join([LINE] * 300)
    before = _jobs(server)
    with httpx.Client(base_url=server.origin, trust_env=False) as client:
        headers = {"Content-Type": media.NDJSON}
        with client.stream("POST", "/v1/determinations/batch", content=body, headers=headers) as answer:
            next(answer.iter_lines())
    lines(post(server, LINE, media.NDJSON))
    assert _jobs(server) < before + 300
    assert server.get("/health/ready").status_code == 200


def test_a_batch_waits_its_turn_while_others_are_served(tmp_path: Any) -> None:
    with serving(tmp_path, "--workers", "1", "--waiting", "1", "--patience", "0.2") as server:
        answers: list[list[Json]] = []

        def send() -> None:
            with httpx.Client(base_url=server.origin, timeout=120, trust_env=False) as client:
                headers = {"Content-Type": media.NDJSON}
                while True:
                    found = client.post("/v1/determinations/batch", content=b"\n".join([LINE] * 12), headers=headers)
                    if found.status_code != 503:
                        break
                answers.append(lines(found))

        threads = [threading.Thread(target=send) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert [[one["status"] for one in told] for told in answers] == [[200] * 12] * 3
