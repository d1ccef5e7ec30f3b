"""A rude server: real HTTP on loopback that behaves, request by request, exactly as a test says.

    with serving(status(529), stream(*text("hello"))) as server:
        ...  # point a client at server.url; the second request is answered

Every request gets the next play; when they run out, the last one again. What was asked is kept in
`server.requests`. Where several threads of a job ask side by side, each is answered by its own
script, whatever comes in between:

    script = {
        "Cancel orders.": [answer(call("Agent", …)), answer("Done.")],
        "Write cancel.py.": [once(status(529), then=answer(call("Write", …))), answer("Wrote it.")],
    }
    with serving(conversing(script)) as server:
        ...
"""

import asyncio
import json
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]


@dataclass(frozen=True)
class Received:
    """One request as it came over the wire."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def opening(self) -> str:
        """The last words of the first message: the user's request, or a sub-agent's brief."""
        return str(self.body["messages"][0]["content"][-1]["text"])

    @property
    def turn(self) -> int:
        """Which turn of its conversation this asks for, from 1."""
        return 1 + [message["role"] for message in self.body["messages"]].count("assistant")

    @property
    def results(self) -> list[str]:
        """What the tool calls of the turn before came to."""
        last = self.body["messages"][-1]["content"]
        return [part["content"] for part in last if part["type"] == "tool_result"]


@dataclass
class Server:
    """What a test sees of the server."""

    url: str
    requests: list[Received] = field(default_factory=list)
    at_once: int = 0
    """Requests that are being answered now."""
    most_at_once: int = 0


Play = Callable[[asyncio.StreamWriter, Server], Awaitable[None]]


@contextmanager
def serving(*plays: Play) -> Iterator[Server]:
    """Run the server in a thread of its own, on a free port."""
    loop = asyncio.new_event_loop()
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    server = Server(f"http://127.0.0.1:{listener.getsockname()[1]}")
    ending = asyncio.Event()
    serve = _serve(listener, plays, server, ending)
    thread = threading.Thread(target=loop.run_until_complete, args=[serve])
    thread.start()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join()
        loop.close()


def status(code: int, body: str | None = None, **headers: str) -> Play:
    """Answer with a status; underscores in the names of headers become dashes."""
    kind = {429: "rate_limit_error", 529: "overloaded_error"}.get(code, "api_error")
    text = json.dumps({"type": "error", "error": {"type": kind, "message": "no"}})
    content = (text if body is None else body).encode()

    async def play(writer: asyncio.StreamWriter, server: Server) -> None:
        writer.write(_head(f"{code} As Told", {**headers, "content_length": str(len(content))}))
        writer.write(content)

    return play


def stream(
    *events: Event | str,
    pace_s: float = 0.0,
    end: str = "whole",
    headers: Mapping[str, str] | None = None,
) -> Play:
    """Answer with server-sent events; text stands for the raw data of one event.

    Args:
        events: what is sent, in order.
        pace_s: the pause before each event.
        end: `whole`; `cut` closes before the announced end, `reset` kills the connection, `closed`
            announces no end and closes, `stall` sends nothing more.
        headers: more headers; underscores in their names become dashes.
    """

    async def play(writer: asyncio.StreamWriter, server: Server) -> None:
        framing = {} if end == "closed" else {"transfer_encoding": "chunked"}
        writer.write(
            _head("200 OK", {"content_type": "text/event-stream", **framing, **(headers or {})})
        )
        for event in events:
            await asyncio.sleep(pace_s)
            data = _sse(event)
            writer.write(data if end == "closed" else b"%x\r\n%s\r\n" % (len(data), data))
            await writer.drain()
        if end == "whole":
            writer.write(b"0\r\n\r\n")
        elif end == "stall":
            await asyncio.sleep(60)
        elif end == "reset":
            await asyncio.sleep(0.05)
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    return play


def answer(
    *said: str | dict[str, Any],
    stop: str | None = None,
    after_s: float = 0.0,
    cut_after: int | None = None,
    **usage: int,
) -> Play:
    """Answer with words and calls, as the model that was asked for, by its name with a date.

    Args:
        said: words, and what `call` makes; every call gets an id of its own.
        stop: the reason; without one, what follows from there being a call.
        after_s: how long it thinks before.
        cut_after: the connection breaks after so many events.
        usage: the tokens; 1000 in and 40 out where none are given.
    """
    counted = usage or {"input_tokens": 1000, "output_tokens": 40}

    async def play(writer: asyncio.StreamWriter, server: Server) -> None:
        asked = server.requests[-1]
        blocks = [
            {"type": "text", "text": part}
            if isinstance(part, str)
            else {**part, "id": f"toolu_{asked.turn}_{place}"}
            for place, part in enumerate(said)
        ]
        calls = any(block["type"] == "tool_use" for block in blocks)
        events = message(
            *blocks,
            stop=stop or ("tool_use" if calls else "end_turn"),
            model=f"{asked.body['model']}-20261001",
            usage=counted,
        )
        sent = events[:cut_after] if cut_after else events
        await asyncio.sleep(after_s)
        await stream(*sent, end="cut" if cut_after else "whole")(writer, server)

    return play


def conversing(scripts: Mapping[str, Sequence[Play]]) -> Play:
    """Answer each conversation by its own script, which its opening names, turn by turn."""

    async def play(writer: asyncio.StreamWriter, server: Server) -> None:
        asked = server.requests[-1]  # nothing else can have come since this one was read
        script = scripts.get(asked.opening, ())
        if asked.turn > len(script):
            missing = f"no turn {asked.turn} of {asked.opening!r} is scripted"
            await status(400, json.dumps({"error": {"message": missing}}))(writer, server)
            return
        await script[asked.turn - 1](writer, server)

    return play


def once(first: Play, *, then: Play) -> Play:
    """One play for whoever comes first, another for all that follow."""
    left = [first]

    async def play(writer: asyncio.StreamWriter, server: Server) -> None:
        await (left.pop() if left else then)(writer, server)

    return play


def raw(content: bytes, *, then_wait_s: float = 0.0) -> Play:
    """Answer with these bytes, HTTP or not."""

    async def play(writer: asyncio.StreamWriter, server: Server) -> None:
        writer.write(content)
        await writer.drain()
        await asyncio.sleep(then_wait_s)

    return play


def at_most(limit: int, allowed: Play, refused: Play) -> Play:
    """Refuse whatever comes while that many requests are being answered."""

    async def play(writer: asyncio.StreamWriter, server: Server) -> None:
        await (refused if server.at_once > limit else allowed)(writer, server)

    return play


def text(words: str, *, stop: str | None = "end_turn", **usage: int) -> list[Event]:
    """The events of an answer that is one piece of text."""
    return message({"type": "text", "text": words}, stop=stop, usage=usage)


def message(
    *blocks: dict[str, Any],
    stop: str | None = "end_turn",
    model: str = "claude-sonnet-5-5",
    usage: Mapping[str, int] | None = None,
) -> list[Event]:
    """The events of an answer, as the documented server sends them."""
    counted = {"input_tokens": 0, "output_tokens": 0, **(usage or {})}
    opening: Event = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "content": [],
        "model": model,
        "stop_reason": None,
        "usage": {**counted, "output_tokens": 0},
    }
    return [
        {"type": "message_start", "message": opening},
        *(event for index, block in enumerate(blocks) for event in _block(index, block)),
        {
            "type": "message_delta",
            "delta": {"stop_reason": stop, "stop_sequence": None},
            "usage": {"output_tokens": counted["output_tokens"]},
        },
        {"type": "message_stop"},
    ]


def call(tool: str, given: Any, *, call_id: str = "toolu_1") -> dict[str, Any]:
    """A tool call, to be put into a message."""
    return {"type": "tool_use", "id": call_id, "name": tool, "input": given}


def _block(index: int, block: dict[str, Any]) -> list[Event]:
    if block["type"] == "text":
        start, delta = {**block, "text": ""}, {"type": "text_delta", "text": block["text"]}
    elif block["type"] == "tool_use":
        given = json.dumps(block["input"])
        start, delta = {**block, "input": {}}, {"type": "input_json_delta", "partial_json": given}
    else:
        start, delta = block, None
    events: list[Event] = [{"type": "content_block_start", "index": index, "content_block": start}]
    if delta:
        events.append({"type": "content_block_delta", "index": index, "delta": delta})
    return [*events, {"type": "content_block_stop", "index": index}]


def _sse(event: Event | str) -> bytes:
    name, data = (
        ("content_block_delta", event)
        if isinstance(event, str)
        else (event["type"], json.dumps(event))
    )
    return f"event: {name}\ndata: {data}\n\n".encode()


def _head(line: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"HTTP/1.1 {line}", *lines, "connection: close", "", ""]).encode()


async def _serve(
    listener: socket.socket, plays: tuple[Play, ...], server: Server, ending: asyncio.Event
) -> None:
    open_connections: set[asyncio.Task[Any]] = set()

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_connections.add(task)
        task.add_done_callback(open_connections.discard)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            server.requests.append(await _read(reader))
            play = plays[min(len(server.requests), len(plays)) - 1]
            server.at_once += 1
            server.most_at_once = max(server.most_at_once, server.at_once)
            try:
                await play(writer, server)
                await writer.drain()
            finally:
                server.at_once -= 1
        writer.close()
        with suppress(ConnectionError, asyncio.CancelledError):
            await writer.wait_closed()

    async with await asyncio.start_server(connection, sock=listener):
        await ending.wait()
        left = tuple(open_connections)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(first.split()[1], headers, json.loads(body or b"{}"))
