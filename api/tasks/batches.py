"""The task that takes a batch apart into cases, whatever it came in."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson
import pyoxigraph as ox

from api import media
from api.problems import Refusal
from api.workers.frames import Job, Reply
from reasoner.intake import MAX_BYTES, check_depth
from reasoner.vocabulary import RECORD

if TYPE_CHECKING:
    from api.tasks.bench import Bench

TYPES: Final = (media.NDJSON, media.ZIP, media.TRIG)
MOST_BYTES: Final = 128 * 1024 * 1024
"""Bytes that the cases of one batch may have together, once they are unpacked."""

_BY_SUFFIX: Final = {
    "json": media.JSON_LD,
    "jsonld": media.JSON_LD,
    "nt": media.N_TRIPLES,
    "trig": media.TRIG,
    "ttl": media.TURTLE,
}
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)
"""What an archive that is damaged, locked or packed in a strange way is met with."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One case of a batch: its name, media type and bytes, and whether it could be unpacked at all."""

    name: str
    media_type: str | None
    data: bytes
    whole: bool = True


def split(_bench: Bench, job: Job) -> Reply:
    """Take a batch apart: all bytes in one part, and in another the name, media type and length of each case."""
    readers = {media.NDJSON: _lines, media.ZIP: _files, media.TRIG: _graphs}
    found: list[Entry] = []
    size = 0
    for entry in readers[job.arguments["kind"]](job.body):
        if len(found) >= job.arguments["most"]:
            raise _refused("too-many", f"The batch holds more than {job.arguments['most']:,} cases.", "Send fewer.")
        size += len(entry.data)
        if size > MOST_BYTES:
            raise _refused("too-large", f"The cases have more than {MOST_BYTES:,} bytes together.", "Send fewer.")
        found.append(entry)
    if not found:
        raise _refused("empty", "The batch holds no case.", "Send at least one.")
    told = orjson.dumps([(one.name, one.media_type, len(one.data), one.whole) for one in found])
    return Reply(200, media.JSON, b"", parts={"entries": told, "cases": b"".join(one.data for one in found)})


def entries_of(reply: Reply) -> Iterator[Entry]:
    """The cases that a batch was taken apart into, in the order sent."""
    place = 0
    for name, media_type, length, whole in orjson.loads(reply.parts["entries"]):
        yield Entry(name, media_type, reply.parts["cases"][place : place + length], whole)
        place += length


def _lines(data: bytes) -> Iterator[Entry]:
    """Each line that is not empty is a case as JSON-LD."""
    for number, line in enumerate(data.splitlines(), 1):
        if line.strip():
            yield Entry(f"line {number}", media.JSON_LD, line)


def _files(data: bytes) -> Iterator[Entry]:
    """Each file of an archive is a case, read in memory alone; a file that cannot be unpacked is told in its place."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    yield _file(archive, entry)
    except _BROKEN as error:
        raise _refused("archive", "The archive cannot be unpacked.", "Send a plain zip without a password.") from error


def _file(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Entry:
    name = entry.filename.encode(errors="replace").decode()
    kind = _BY_SUFFIX.get(name.rpartition(".")[2].lower())
    try:
        with archive.open(entry) as file:
            # One byte more than a case may have, however much there is: the reader of cases says that it is too large.
            return Entry(name, kind, file.read(MAX_BYTES + 1))
    except _BROKEN:
        return Entry(name, kind, b"", whole=False)


def _graphs(data: bytes) -> Iterator[Entry]:
    """Each graph is a case."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused("encoding", "The batch is not UTF-8.", "Save it as UTF-8.") from None
    check_depth(text, json=False, name="batch")
    graphs: dict[str, list[ox.Triple]] = {}
    try:
        for quad in ox.parse(text, format=ox.RdfFormat.TRIG, base_iri=RECORD):
            name = "default graph" if isinstance(quad.graph_name, ox.DefaultGraph) else quad.graph_name.value
            graphs.setdefault(name, []).append(ox.Triple(quad.subject, quad.predicate, quad.object))
    except SyntaxError as error:
        raise Refusal(
            "batch.syntax",
            "The batch does not parse.",
            where=f"batch, line {error.lineno}, column {error.offset}",
            mend="Look at this place and just before it.",
            line=error.lineno,
            column=error.offset,
        ) from None
    for name, triples in graphs.items():
        yield Entry(name, media.N_TRIPLES, ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"")


def _refused(code: str, what: str, mend: str) -> Refusal:
    return Refusal(f"batch.{code}", what, where="batch", mend=mend)
