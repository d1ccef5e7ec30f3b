import asyncio
import traceback

import pytest

from audition.conversation import Reply, Text
from audition.models.anthropic import Anthropic
from tests.models.asking import KEY, answered, ask_all, faulted, make_ask, make_opening, outcome
from tests.servers import Play, Server, at_most, call, message, raw, serving, status, stream, text

pytestmark = pytest.mark.usefixtures("own_key")


def _without_usage() -> Play:
    answer = message({"type": "text", "text": "ok"})
    del answer[0]["message"]["usage"]
    return stream(*answer)


HELLO = text("hello")
BROKEN = {
    "cut in the middle": stream(*HELLO[:3], end="cut"),
    "reset in the middle": stream(*HELLO[:3], end="reset"),
    "closed in the middle": stream(*HELLO[:3], end="closed"),
    "closed before anything": raw(b""),
    "silent in the middle": stream(*HELLO[:3], end="stall"),
    "silent from the start": raw(b"", then_wait_s=60),
    "no stop": stream(*text("hello", stop=None)),
    "not HTTP": raw(b"220 mail.example.org ESMTP\r\n"),
    "a redirect in circles": raw(b"HTTP/1.1 307 Again\r\nlocation: /v1/messages\r\n\r\n"),
}
ODD = {
    "malformed event": stream(*HELLO[:3], '{"type": "content_block_delta", "ind'),
    "event of the wrong type": stream(*HELLO[:2], "[1, 2]"),
    "event out of range": stream(
        *HELLO[:2],
        '{"type":"content_block_delta","index":7,"delta":{"type":"text_delta","text":"x"}}',
    ),
    "no start": stream(*HELLO[1:]),
    "no usage": _without_usage(),
    "not a stream": raw(b"HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n<html>hello\n"),
    "not UTF-8": raw(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nevent: x\ndata: \xff\xfe\n\n"
    ),
    "500 without JSON": status(500, "<html><h1>Bad gateway</h1></html>"),
    "an error inside the stream": stream(
        *HELLO[:2], {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}
    ),
    "an error that is no error": stream(*HELLO[:2], {"type": "error"}),
    "a list as tool input": stream(*message(call("Agent", [1, 2]), stop="tool_use")),
    "broken tool input": stream(
        *message(call("Agent", {}), stop="tool_use")[:2],
        '{"type":"content_block_delta","index":0,'
        '"delta":{"type":"input_json_delta","partial_json":"{]"}}',
    ),
    "a tool call without a name": stream(
        *message({"type": "tool_use", "id": "t", "name": None, "input": {}}, stop="tool_use")
    ),
    "an unknown stop": stream(*text("hello", stop="vanished")),
}


class TestFaults:
    @pytest.mark.parametrize(
        ("oddity", "source"),
        [*((name, "network") for name in BROKEN), *((name, "provider") for name in ODD)],
    )
    def test_whatever_a_server_does_is_a_fault_that_can_be_tried_again(
        self, oddity: str, source: str
    ) -> None:
        model = Anthropic("m", stall_s=0.3 if oddity.startswith("silent") else 30, retries=0)
        with serving({**BROKEN, **ODD}[oddity]) as server:
            fault = faulted(server.url, make_ask("hello"), model=model)

        assert fault.source == source
        assert fault.retryable
        assert server.url in str(fault)
        assert len(str(fault)) < 400

    def test_an_error_inside_a_stream_reads_like_the_refusal_it_is(self) -> None:
        with serving(ODD["an error inside the stream"]) as server:
            fault = faulted(server.url, make_ask("hello"))

        assert "answered 529: it is overloaded: run again later (busy)" in str(fault)

    def test_no_server_at_all(self) -> None:
        # Not the usual name of this machine, where a closed port is found before anything is asked.
        fault = faulted("http://127.0.0.2:9", make_ask("hello"), model=Anthropic("m", retries=0))

        assert fault.source == "network"
        assert "gave no answer" in str(fault)

    @pytest.mark.parametrize(
        ("code", "advice"),
        [
            (401, "ANTHROPIC_API_KEY"),
            (402, "billing"),
            (403, "another model"),
            (404, "--model"),
            (413, "larger"),
            (422, "rejects"),
        ],
    )
    def test_what_no_retry_mends_says_what_to_do(self, code: int, advice: str) -> None:
        with serving(status(code)) as server:
            fault = faulted(server.url, make_ask("hello"))

        assert not fault.retryable
        assert advice in str(fault)
        assert len(server.requests) == 1

    def test_silence_is_not_waited_out_once_more_for_every_retry(self) -> None:
        with serving(raw(b"", then_wait_s=60)) as server:
            fault = faulted(server.url, make_ask("hello"), model=Anthropic("m", stall_s=0.2))

        assert "sent nothing for 0.2 s" in str(fault)
        assert len(server.requests) == 1

    def test_a_slow_answer_that_keeps_coming_is_an_answer(self) -> None:
        with serving(stream(*HELLO, pace_s=0.12)) as server:
            reply = answered(server.url, make_ask("hello"), model=Anthropic("m", stall_s=0.6))

        assert reply.blocks == (Text("hello"),)
        assert reply.latency_s > 0.6

    def test_a_server_that_wants_an_hour_is_a_fault_at_once(self) -> None:
        with serving(status(429, retry_after="3600")) as server:
            fault = faulted(server.url, make_ask("hello"))

        assert "3600 s" in str(fault)
        assert not fault.retryable

    def test_a_call_that_is_cancelled_is_cancelled(self) -> None:
        async def run(url: str) -> None:
            async with Anthropic("m").open(make_opening(url)) as answer:
                waiting = asyncio.ensure_future(answer(make_ask("hello")))
                await asyncio.sleep(0.3)
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting

        with serving(raw(b"", then_wait_s=60)) as server:
            asyncio.run(run(server.url))


class TestWaiting:
    def test_the_wait_for_a_refusal_is_no_part_of_the_latency(self) -> None:
        with serving(status(429, retry_after_ms="400"), stream(*HELLO)) as server:
            reply = answered(server.url, make_ask("hello"))

        assert reply.waited_s >= 0.4
        assert reply.latency_s < 0.4
        assert len(server.requests) == 2

    def test_a_storm_of_refusals_passes(self) -> None:
        plays = [status(529, retry_after_ms="20")] * 6
        with serving(*plays, stream(*HELLO)) as server:
            reply = answered(server.url, make_ask("hello"))

        assert reply.stop == "end_turn"
        assert len(server.requests) == 7

    def test_as_many_calls_run_at_once_as_were_asked_for(self) -> None:
        with serving(stream(*HELLO, pace_s=0.01)) as server:
            replies = ask_all(server.url, *[make_ask("hello")] * 12, concurrency=3)

        assert [outcome(reply) for reply in replies] == ["end_turn"] * 12
        assert server.most_at_once <= 3

    def test_it_learns_how_many_a_server_takes(self) -> None:
        refused = status(429, retry_after_ms="30")
        with serving(at_most(3, stream(*HELLO, pace_s=0.005), refused)) as server:
            replies = ask_all(server.url, *[make_ask("hello")] * 40, concurrency=16)

        assert [outcome(reply) for reply in replies] == ["end_turn"] * 40
        refusals = len(server.requests) - 40
        assert refusals < 40

    def test_it_asks_for_more_at_once_while_all_goes_well(self) -> None:
        with serving(stream(*HELLO, pace_s=0.02)) as server:
            replies = ask_all(server.url, *[make_ask("hello")] * 80, concurrency=40)

        assert [outcome(reply) for reply in replies] == ["end_turn"] * 80
        assert 20 < server.most_at_once <= 40

    def test_an_overload_inside_a_stream_slows_it_down_too(self) -> None:
        async def run(server: Server) -> int:
            async with Anthropic("m").open(make_opening(server.url)) as answer:
                asks = [make_ask("hello")] * 8
                await asyncio.gather(*map(answer, asks), return_exceptions=True)
                server.most_at_once = 0
                await asyncio.gather(*map(answer, asks))
                return server.most_at_once

        overloads = [ODD["an error inside the stream"]] * 8
        with serving(*overloads, stream(*HELLO, pace_s=0.03)) as server:
            assert asyncio.run(run(server)) <= 6

    def test_a_spent_budget_holds_the_next_call_back(self) -> None:
        spent = {
            "anthropic_ratelimit_requests_remaining": "0",
            "anthropic_ratelimit_requests_reset": "2026-11-24T08:00:01Z",
            "date": "Tue, 24 Nov 2026 08:00:00 GMT",
        }
        with serving(stream(*HELLO, headers=spent), stream(*HELLO)) as server:
            first, second = ask_all(server.url, make_ask("hello"), make_ask("hello"), concurrency=1)

        assert isinstance(first, Reply)
        assert isinstance(second, Reply)
        assert first.waited_s < 0.5
        assert second.waited_s >= 0.9


class TestSecrets:
    @pytest.mark.parametrize("code", [400, 401, 429, 500])
    def test_a_server_that_quotes_the_key_in_an_error(self, code: int) -> None:
        with serving(status(code, f'{{"error": {{"message": "wrong key {KEY}"}}}}')) as server:
            fault = faulted(server.url, make_ask("hello"), model=Anthropic("m", retries=0))

        assert KEY not in "".join(traceback.format_exception(fault))
        assert "wrong key [hidden]" in str(fault)

    def test_a_stream_that_quotes_the_key_where_an_event_belongs(self) -> None:
        for event in (KEY, f'{{"type": "message_start", "message": "{KEY}"}}'):
            with serving(stream(event)) as server:
                fault = faulted(server.url, make_ask("hello"))

            assert KEY not in "".join(traceback.format_exception(fault))

    def test_a_key_in_an_answer_does_not_get_into_the_record(self) -> None:
        answer = message(
            {"type": "text", "text": f"You sent {KEY}."},
            call("Agent", {"prompt": [f"use {KEY}"]}),
            stop="tool_use",
            model=f"echo-{KEY}",
        )
        with serving(stream(*answer)) as server:
            reply = answered(server.url, make_ask("hello"))

        assert KEY not in repr(reply)
        assert reply.blocks[0] == Text("You sent [hidden].")

    def test_other_credentials_are_hidden_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Team: shop\nX-Api-Token: tok-98765432")
        quoted = "tok-98765432 and sk-ant-api03-abcdef and pass-word-1 for shop"
        with serving(status(400, quoted)) as server:
            url = server.url.replace("//", "//somebody:pass-word-1@")
            fault = faulted(url, make_ask("hello"))

        assert "[hidden] and [hidden] and [hidden] for shop" in str(fault)
        assert "somebody" not in str(fault)

    def test_the_name_of_the_server_is_fit_for_a_run_file(self) -> None:
        opening = make_opening("https://me:secret@example.org/llm/?key=secret#secret")

        assert Anthropic("m").endpoint(opening) == "https://example.org/llm"
        assert (
            Anthropic("m").identity(opening, "case", 1) == "anthropic:m at https://example.org/llm"
        )
