"""Nothing of a case stays behind: twenty words are put wherever one can stand, and then looked for everywhere else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

import pytest

from api.tasks.bench import Bench, work_of
from api.tasks.sparql import Asker
from api.workers.frames import Job, Reply
from reasoner.errors import SpineReasonerError
from tests.doors import Server, example, serving
from tests.examples import library
from tests.hostile_requests import Sent, zipped
from tests.small_world import turtle
from tests.test_api_hostile import Answer, send
from tests.test_hostile import START, base_json

STEM: Final = "zqcanary"
WORDS: Final = tuple(f"{STEM}{number:02d}x" for number in range(20))
_TTL: Final = "text/turtle"


def _turtle_case(number: int) -> bytes:
    """A case in which a word stands wherever Turtle lets one, in all else a good one."""
    word = WORDS[number % 20]
    return f"# {word}\n@prefix {word}: <https://w3id.org/spine-reasoner/record#> .\n".encode() + turtle(
        START
        + f'<> case:label "{word}" ; case:hasDocument {word}:{word} ; case:records {word}:r , _:{word} .'
        + f"_:{word} a spine:BackPain . {word}:r a spine:BackPain ; case:note '{word}' ; case:statedIn {word}:{word} ."
        + f"{word}:{word} a case:MriReport ; case:label '''{word}''' . # {word}"
    )


BAD: Final = {
    "date": f"<> case:records [ a spine:BackPain ; case:startDate '{WORDS[0]}'^^xsd:date ] .",
    "number": f"<> case:records [ a spine:BackPain ; case:durationInDays '{WORDS[1]}'^^xsd:integer ] .",
    "decimal": f"<> case:records [ a spine:Spondylolisthesis ; case:slipInMillimetres '1{WORDS[2]}'^^xsd:decimal ] .",
    "truth": f"<> case:records [ a spine:BackPain ; case:isProgressive '{WORDS[3]}'^^xsd:boolean ] .",
    "text where none belongs": f"<> case:records [ a spine:BackPain ; case:hasSeverity '{WORDS[4]}' ] .",
    "language": f"<> case:records [ a spine:BackPain ; case:startDate '{WORDS[5]}'@en ] .",
    "control": f"<> case:note '{WORDS[6]}\\u0007' .",
    "open end": f"<> case:note '{WORDS[7]}",
    "stray word": f"<> case:note '{WORDS[8]}' {WORDS[8]} .",
    "foreign kind": f"<> case:note '{WORDS[9]}'^^<urn:kind> .",
}
"""Values that cannot stand, in what is said of them nothing of which may be repeated."""
BAD_JSON: Final[dict[str, dict[str, object]]] = {
    "date": {"records": {"type": "BackPain", "startDate": WORDS[10]}},
    "number": {"records": {"type": "BackPain", "durationInDays": WORDS[11]}},
    "text as an object": {"note": {"a": WORDS[12]}},
    "text in a list of lists": {"note": [[WORDS[13]]]},
}


def _kept_to_themselves() -> Iterator[Sent]:
    """Requests whose answers must not repeat them."""
    cases = [(_TTL, turtle(START + bad)) for bad in BAD.values()]
    cases += [("application/trig", turtle(START + bad)) for bad in BAD.values()]
    cases += [("application/json", json.dumps(base_json() | bad).encode()) for bad in BAD_JSON.values()]
    cases += [
        ("application/n-triples", f'<urn:a> <urn:b> "{WORDS[14]}" ; .'.encode()),
        ("application/ld+json", f'{{"label": "{WORDS[15]}" "{WORDS[15]}"}}'.encode()),
        ("application/ld+json", f'{{"label": "{WORDS[15]}", "label": "{WORDS[15]}"}}'.encode()),
        (_TTL, WORDS[16].encode() + b"\xff"),
        (f"text/turtle; charset={WORDS[17]}", b""),
        (f"text/{WORDS[17]}", b""),
    ]
    for kind, data in cases:
        for path in ("/v1/validate", "/v1/determinations"):
            yield Sent("POST", path, {"Content-Type": kind}, data)
        yield Sent("POST", "/v1/recheck", {"Content-Type": "application/trig"}, data)
        whole = json.dumps({"case": data.decode("latin-1"), "facts": data.decode("latin-1")}).encode()
        yield Sent("POST", "/v1/changes", {"Content-Type": "application/json"}, whole)
    yield Sent("POST", "/v1/changes", {"Content-Type": "application/json"}, f'{{"{WORDS[18]}": {WORDS[18]}}}'.encode())
    for query in (
        f"SELECT * {{ ?s ?p '{WORDS[19]}' {WORDS[19]} }}",
        f"SELECT * {{ SERVICE <urn:{WORDS[19]}> {{ ?s ?p ?o }} }}",
        f"SELECT * {{ ?s {WORDS[19]}:a ?o }}",
        f"INSERT DATA {{ <urn:a> <urn:b> '{WORDS[19]}' }}",
        f"# {WORDS[19]}\nSELECT ?{WORDS[19]} {{ ?s ?p ?o }} GROUP BY ?s",
    ):
        yield Sent("POST", "/sparql", {"Content-Type": "application/sparql-query"}, query.encode())
        yield Sent("GET", f"/sparql?query={quote(query, safe='')}")
    yield Sent("GET", f"/v1/determinations/{WORDS[18]}")
    yield Sent("POST", f"/v1/determinations?asOf={WORDS[18]}&audience={WORDS[18]}", {"Content-Type": _TTL}, b"")


def _told_back() -> Iterator[Sent]:
    """Requests whose senders may see their own words again: in a determination, on a page, in the name of a node."""
    forms = (_TTL, "text/markdown", "text/html", "application/trig", "application/json", "application/ld+json")
    for number in range(20):
        word, case = WORDS[number], _turtle_case(number)
        accept = {"Content-Type": _TTL, "Accept": forms[number % len(forms)]}
        yield Sent("POST", "/v1/determinations", accept, case)
        yield Sent("POST", "/v1/validate", accept, turtle(START + f"<> case:records <#{word}> . <#{word}> a case:Q ."))
        yield Sent("POST", "/v1/validate", {"Content-Type": "application/json"}, json.dumps({word: word}).encode())
        fields = {
            "case": case.decode(),
            "policy": word,
            "asOf": word,
            word: word,
            "q1.criterion": word,
            "q1.says": "yes",
        }
        for path in ("determine", "answer", "validate", "download", "compare"):
            chosen = fields if number % 2 else {"case": case.decode(), "media": _TTL}
            typed = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
            yield Sent("POST", f"/workbench/{path}", typed, urlencode(chosen).encode())
        yield Sent(
            "POST",
            "/v1/determinations/batch",
            {"Content-Type": "application/zip"},
            zipped({f"{word}.ttl": case, f"{word}/{word}.json": f'{{"{word}": 1}}'.encode()}),
        )
        yield Sent("GET", f"/{word}/{word}?{word}={word}")
        yield Sent("GET", f"/id/{word}", {"Accept": "text/html"})
        yield Sent("GET", f"/terms?q={word}")
        yield Sent("GET", f"/v1/criteria?{word}={word}&limit={word}")
        told = ("User-Agent", "Referer", "Cookie", "Link", "X-Request-Id", "Authorization", "If-None-Match", "Origin")
        yield Sent("POST", "/v1/validate", {"Content-Type": _TTL, **dict.fromkeys(told, word)}, case)
        yield Sent(word.upper(), f"/v1/{word}", {"Host": word, "Accept": word, "Content-Type": word}, word.encode())


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that was sent everything, with a place of its own for temporary files."""
    folder = tmp_path_factory.mktemp("privacy")
    (folder / "tmp").mkdir()
    surroundings = {"TMPDIR": str(folder / "tmp"), "SPINE_LOG_LEVEL": "debug"}
    with serving(folder / "data", "--query-seconds", "60", environment=surroundings) as running:
        for sent in _told_back():
            assert send(running, sent).status < 500
        yield running


def processes(server: Server) -> list[Path]:
    """The server, the process that workers are born from, and the workers."""
    found, waiting = [], [server.process.pid]
    while waiting:
        number = waiting.pop()
        found.append(Path(f"/proc/{number}"))
        for task in (found[-1] / "task").iterdir():
            waiting += map(int, (task / "children").read_text(encoding="ascii").split())
    return found


def holds(data: bytes) -> bool:
    return STEM.encode() in data.lower()


@pytest.mark.parametrize("sent", list(_kept_to_themselves()), ids=lambda sent: f"{sent.method} {sent.path[:30]}")
def test_what_cannot_stand_is_not_repeated(sent: Sent, private: Server) -> None:
    answer = send(private, sent)
    # A report on a case is an answer: that nothing of it can stand is what was asked for.
    assert answer.status in {400, 404, 406, 413, 415, 422} or (answer.status == 200 and sent.path == "/v1/validate")
    assert not holds(answer.body)
    assert not holds(repr(answer.headers).encode())


def test_nothing_is_in_the_log(private: Server) -> None:
    assert any('"status": 200' in line for line in private.log)
    assert any('"status": 422' in line for line in private.log)
    assert not holds("".join(private.log).encode())


def test_nothing_is_in_what_the_server_tells_of_itself(private: Server) -> None:
    for path in ("/metrics", "/health/ready", "/openapi.json", "/", "/sparql"):
        assert not holds(send(private, Sent("GET", path, {"Accept": "*/*"})).body)


def test_nothing_is_in_a_file(private: Server) -> None:
    """Neither in the data folder nor among temporary files; and no process leaves an image of its memory."""
    for path in private.data.parent.rglob("*"):
        assert not path.is_file() or not holds(path.read_bytes())
        assert not holds(path.name.encode())
    assert list((private.data.parent / "tmp").iterdir()) == []
    for process in processes(private):
        (line,) = [one for one in (process / "limits").read_text(encoding="ascii").splitlines() if "core file" in one]
        assert line.split()[4] in {"0", "1"}


def test_nothing_is_in_the_words_a_process_was_started_with(private: Server) -> None:
    assert len(processes(private)) > 4
    for process in processes(private):
        for name in ("cmdline", "environ"):
            assert not holds((process / name).read_bytes())


def test_nothing_is_in_the_store(private: Server) -> None:
    query = f'SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o FILTER(CONTAINS(CONCAT(STR(?s), STR(?p), STR(?o)), "{STEM}")) }}'
    sent = Sent("POST", "/sparql", {"Content-Type": "application/sparql-query", "Accept": "text/csv"}, query.encode())
    assert send(private, sent).body.split() == [b"n", b"0"]
    assert json.loads(send(private, Sent("GET", "/health/ready")).body)["kept"] == 0


def test_nothing_is_in_the_answer_to_somebody_else(private: Server) -> None:
    case = example("l2-burst-metastasis.ttl")
    others = [
        Sent("POST", "/v1/determinations", {"Content-Type": _TTL, "Accept": form}, data)
        for form in ("application/json", "text/html", "application/trig", "text/markdown")
        for data in (case, b"this is no case", turtle(START + "<> case:records [ a case:Nothing ] ."))
    ]
    for sent in others * 2:
        assert not holds(send(private, sent).body)


def test_a_kept_determination_is_no_answer_to_another_name(private: Server) -> None:
    answers: list[Answer] = [
        send(private, Sent("GET", f"/v1/determinations/{name}")) for name in ("0" * 64, "../" * 3, "%2e%2e")
    ]
    assert {answer.status for answer in answers} <= {404, 422}


class _UnforeseenError(Exception):
    pass


@pytest.mark.parametrize(
    "error",
    [
        _UnforeseenError(STEM),
        ValueError(STEM),
        UnicodeDecodeError("utf-8", STEM.encode(), 0, 1, STEM),
        KeyError(STEM),
        SpineReasonerError("knowledge.broken", STEM, where=STEM, mend=STEM),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_nobody_foresaw_is_told_by_its_kind_and_its_place_alone(error: Exception) -> None:
    def fails(_bench: Bench, _job: Job) -> Reply:
        raise error

    reply = work_of({"fails": fails}, Bench(library(), Asker()))(Job("fails", {}))
    assert reply.status == 500
    assert not holds(reply.body + repr(reply.facts).encode())
    assert reply.facts["failed"] == type(error).__name__
