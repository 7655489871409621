"""What server and worker say to each other: a small head as JSON, then parts as bytes, each as long as the head says."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    import asyncio
    import socket

Json = dict[str, Any]

LARGEST: Final = 256 * 1024 * 1024
"""Bytes in all parts together; no limit that a caller meets is as large."""
_LENGTH: Final = struct.Struct("!I")
_HEAD: Final = 64 * 1024 * 1024
"""Bytes in a head, which names the parts: a batch may have many files with long names."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is asked to do: the name of a task, its arguments, and what came in."""

    task: str
    arguments: Json
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a worker answers: the status that the caller sees, the form of the body, and parts for the server alone."""

    status: int
    media_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    facts: Json = field(default_factory=dict)
    parts: Mapping[str, bytes] = field(default_factory=dict)


class Broken(Exception):  # noqa: N818  not an error of ours: the other side is gone
    """The other side went away, or said something that is no frame."""


def job_frame(job: Job) -> bytes:
    """A job as bytes on the way to a worker."""
    return _frame({"task": job.task, "arguments": job.arguments}, {"body": job.body})


def reply_frame(reply: Reply) -> bytes:
    """A reply as bytes on the way to the server.

    >>> reply_frame(Reply(200, "text/plain", b"yes"))[-3:]
    b'yes'
    """
    head = {
        "status": reply.status,
        "media_type": reply.media_type,
        "headers": dict(reply.headers),
        "facts": reply.facts,
    }
    return _frame(head, {"body": reply.body, **reply.parts})


def _frame(head: Json, parts: Mapping[str, bytes]) -> bytes:
    told = orjson.dumps({**head, "parts": [[name, len(part)] for name, part in parts.items()]})
    return b"".join((_LENGTH.pack(len(told)), told, *parts.values()))


def receive_job(channel: socket.socket) -> Job | None:
    """The next job on a worker's channel; None when the server has hung up."""
    try:
        head = _received_head(channel)
    except Broken:
        return None
    (_, length), *_ = head["parts"]
    return Job(head["task"], head["arguments"], _received(channel, length))


def _received_head(channel: socket.socket) -> Json:
    (length,) = _LENGTH.unpack(_received(channel, _LENGTH.size))
    return _head_of(_received(channel, length))


def _received(channel: socket.socket, length: int) -> bytes:
    found = bytearray(length)
    view, place = memoryview(found), 0
    while place < length:
        count = channel.recv_into(view[place:])
        if not count:
            raise Broken
        place += count
    return bytes(found)


async def receive_reply(stream: asyncio.StreamReader) -> Reply:
    """The reply of a worker; Broken if it died, or said something that is no reply."""
    try:
        (length,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
        if length > _HEAD:
            raise Broken
        head = _head_of(await stream.readexactly(length))
        parts = {name: await stream.readexactly(size) for name, size in head["parts"]}
    except (EOFError, OSError) as error:
        raise Broken from error
    body = parts.pop("body")
    return Reply(head["status"], head["media_type"], body, head["headers"], head["facts"], parts)


def _head_of(data: bytes) -> Json:
    try:
        head: Json = orjson.loads(data)
        sizes = [size for _, size in head["parts"]]
        if any(size < 0 for size in sizes) or sum(sizes) > LARGEST:
            raise Broken
    except (ValueError, KeyError, TypeError) as error:
        raise Broken from error
    return head
