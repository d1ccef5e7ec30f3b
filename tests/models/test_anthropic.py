import pytest

from audition import parts
from audition.conversation import Address, Ask, Call, Opaque, Prompt, Reply, Result, Text, Turn
from audition.errors import InputError
from audition.models.anthropic import Anthropic
from audition.prices import Price, Usage, price_of
from tests.models.asking import (
    KEY,
    answered,
    ask_all,
    faulted,
    make_ask,
    make_opening,
    outcome,
    said,
)
from tests.models.conftest import Start
from tests.servers import call, message, serving, status, stream, text

pytestmark = pytest.mark.usefixtures("own_key")

BRIEF = {"subagent_type": "backend", "description": "add a route", "prompt": "Add it."}


class TestOnAServerThatOthersWrote:
    def test_it_streams_text(self, aimock: Start) -> None:
        url = aimock(
            {
                "match": {"userMessage": "hello"},
                "response": {
                    "content": "Hello. This is long enough for several pieces of a stream.",
                    "usage": {"input_tokens": 12, "output_tokens": 7},
                },
            }
        )

        reply = answered(url, make_ask("hello"))

        assert reply.blocks == (Text("Hello. This is long enough for several pieces of a stream."),)
        assert (reply.stop, reply.served) == ("end_turn", "claude-sonnet-5-5")
        assert reply.usage == Usage(input=12, output=7)
        assert reply.cost_usd == pytest.approx((12 * 2 + 7 * 10) / 1e6)

    def test_a_tool_call_and_the_turn_after_its_result(self, aimock: Start) -> None:
        wanted = {"userMessage": "delegate"}
        url = aimock(
            {
                "match": {**wanted, "hasToolResult": False},
                "response": {
                    "toolCalls": [
                        {"id": "toolu_9", "name": "Agent", "arguments": '{"subagent_type": "x"}'}
                    ]
                },
            },
            {"match": {**wanted, "hasToolResult": True}, "response": {"content": "Done."}},
        )

        first = answered(url, make_ask("delegate"))
        second = answered(
            url,
            make_ask(
                "delegate",
                Turn("assistant", first.blocks),
                Turn("user", (Result("toolu_9", "It is built."),)),
            ),
        )

        assert first.blocks == (Call("toolu_9", "Agent", {"subagent_type": "x"}),)
        assert first.stop == "tool_use"
        assert second.blocks == (Text("Done."),)

    def test_529_after_every_retry_is_a_fault(self, aimock: Start) -> None:
        url = aimock(
            {
                "match": {"userMessage": "hello"},
                "response": {
                    "error": {"message": "Overloaded", "type": "overloaded_error"},
                    "status": 529,
                },
            }
        )

        fault = faulted(url, make_ask("hello"), model=Anthropic("m", retries=1))

        assert fault.source == "provider"
        assert fault.retryable
        assert "529" in str(fault)

    def test_429_is_waited_for_and_the_wait_is_not_latency(self, aimock: Start) -> None:
        refusal = {"error": {"message": "slow", "type": "rate_limit_error"}, "status": 429}
        url = aimock(
            {"match": {"userMessage": "hello", "sequenceIndex": 0}, "response": refusal},
            {"match": {"userMessage": "hello"}, "response": {"content": "Hello."}},
        )

        reply = answered(url, make_ask("hello"))

        assert reply.blocks == (Text("Hello."),)
        assert reply.waited_s >= 1
        assert reply.latency_s < 1

    def test_many_streams_at_once(self, aimock: Start) -> None:
        url = aimock({"match": {"userMessage": "hello"}, "response": {"content": "Hello."}})

        replies = ask_all(url, *[make_ask("hello")] * 150, concurrency=50)

        assert [outcome(reply) for reply in replies] == ["end_turn"] * 150

    @pytest.mark.parametrize("kind", ["drop", "malformed", "disconnect"])
    def test_chaos_is_a_fault(self, aimock: Start, kind: str) -> None:
        url = aimock(
            {"match": {"userMessage": "hello"}, "response": {"content": "Hello."}},
            options=(f"--chaos-{kind}", "1"),
        )

        fault = faulted(url, make_ask("hello"), model=Anthropic("m", retries=1))

        assert fault.source in ("provider", "network")

    def test_a_stream_that_is_cut_short_is_a_fault(self, aimock: Start) -> None:
        url = aimock(
            {
                "match": {"userMessage": "hello"},
                "response": {"content": "Hello, this will not arrive in full."},
                "truncateAfterChunks": 2,
            }
        )

        assert faulted(url, make_ask("hello"), model=Anthropic("m", retries=0)).source == "network"


class TestWhatIsSent:
    def test_the_shared_prefix_is_marked_for_the_cache(self) -> None:
        with serving(stream(*text("ok"))) as server:
            answered(server.url, make_ask("hello"))

        body = server.requests[0].body
        assert body["system"][-1]["cache_control"] == {"type": "ephemeral"}
        assert body["tools"][-1]["cache_control"] == {"type": "ephemeral"}
        assert body["messages"] == [{"role": "user", "content": [said("hello")]}]
        assert body["stream"] is True

    def test_a_longer_conversation_is_marked_at_its_end(self) -> None:
        turns = (
            Turn("assistant", (Call("t1", "Agent", BRIEF),)),
            Turn("user", (Result("t1", "no such agent", is_error=True), Text(""))),
        )
        with serving(stream(*text("ok"))) as server:
            answered(server.url, make_ask("hello", *turns))

        *_, last = server.requests[0].body["messages"]
        assert last["content"] == [
            {
                "type": "tool_result",
                "tool_use_id": "t1",
                "content": "no such agent",
                "is_error": True,
                "cache_control": {"type": "ephemeral"},
            }
        ]

    def test_no_choice_of_tools_and_no_sampling_is_forced(self) -> None:
        with serving(stream(*text("ok"))) as server:
            answered(server.url, make_ask("hello"))

        allowed = {"model", "max_tokens", "system", "tools", "messages", "stream"}
        assert set(server.requests[0].body) == allowed

    def test_an_empty_system_prompt_and_no_tools_are_left_out(self) -> None:
        prompt = Prompt("", (), (Turn("user", (Text("hello"),)),), 10)
        with serving(stream(*text("ok"))) as server:
            answered(server.url, Ask(prompt, Address("case", 1), "hello"))

        assert set(server.requests[0].body) == {"model", "max_tokens", "messages", "stream"}

    def test_thinking_goes_back_unread_and_in_its_place(self) -> None:
        thought = {"type": "thinking", "thinking": "", "signature": "c2lnbmVk"}
        answer = message(thought, call("Agent", BRIEF), stop="tool_use")
        with serving(stream(*answer)) as server:
            first = answered(server.url, make_ask("hello"))
            result = Turn("user", (Result("toolu_1", "done"),))
            answered(server.url, make_ask("hello", Turn("assistant", first.blocks), result))

        assert first.blocks[0] == Opaque(thought)
        returned = server.requests[1].body["messages"][1]["content"]
        assert [block["type"] for block in returned] == ["thinking", "tool_use"]
        assert returned[0] == thought

    def test_what_a_model_said_goes_back_as_it_came(self) -> None:
        given = {"x": [1, {"y": None}]}
        turns = (
            Turn("assistant", (Text("a"), Call("t", "Agent", given))),
            Turn("user", (Text("b"),)),
        )
        with serving(stream(*text("ok"))) as server:
            answered(server.url, make_ask("hello", *turns))

        assert server.requests[0].body["messages"][1]["content"] == [
            said("a"),
            {"type": "tool_use", "id": "t", "name": "Agent", "input": given},
        ]

    def test_a_local_server_needs_no_key(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("ANTHROPIC_API_KEY")
        with serving(stream(*text("ok"))) as server:
            reply = answered(server.url, make_ask("hello"))

        assert reply.blocks == (Text("ok"),)

    def test_the_environment_can_name_the_server(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with serving(stream(*text("ok"))) as server:
            monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
            reply = answered(None, make_ask("hello"))
            endpoint = Anthropic("m").endpoint(make_opening(None))

        assert reply.blocks == (Text("ok"),)
        assert endpoint == server.url


class TestWhatComesBack:
    @pytest.mark.parametrize(
        ("sent", "stop"),
        [
            ("end_turn", "end_turn"),
            ("tool_use", "tool_use"),
            ("max_tokens", "max_tokens"),
            ("stop_sequence", "stop_sequence"),
            ("refusal", "refusal"),
            ("pause_turn", "pause_turn"),
            ("model_context_window_exceeded", "context_window"),
        ],
    )
    def test_every_reason_to_stop(self, sent: str, stop: str) -> None:
        with serving(stream(*text("so far", stop=sent))) as server:
            assert answered(server.url, make_ask("hello")).stop == stop

    def test_the_model_that_served_is_named_and_priced(self) -> None:
        answer = message(model="claude-opus-5-5", usage={"input_tokens": 1_000_000})
        with serving(stream(*answer)) as server:
            reply = answered(server.url, make_ask("hello"), model=Anthropic("claude-opus-4-1"))

        assert reply.served == "claude-opus-5-5"
        assert reply.cost_usd == pytest.approx(4.0)

    def test_an_unknown_price_is_unknown_and_not_zero(self) -> None:
        with serving(stream(*message(model="models/qwen.gguf"))) as server:
            reply = answered(server.url, make_ask("hello"), model=Anthropic("qwen"))

        assert reply.cost_usd is None

    def test_a_price_of_the_suite_holds_for_whatever_served(self) -> None:
        answer = message(model="models/qwen.gguf", usage={"input_tokens": 1_000_000})
        with serving(stream(*answer)) as server:
            (reply,) = ask_all(
                server.url,
                make_ask("hello"),
                model=Anthropic("qwen"),
                prices={"qwen": Price(3.0, 0.0, 0.0, 0.0)},
            )

        assert isinstance(reply, Reply)
        assert reply.cost_usd == pytest.approx(3.0)

    def test_cached_tokens_are_counted_apart(self) -> None:
        usage = {
            "input_tokens": 3,
            "cache_read_input_tokens": 900,
            "cache_creation_input_tokens": 40,
            "output_tokens": 5,
        }
        with serving(stream(*message(usage=usage))) as server:
            reply = answered(server.url, make_ask("hello"))

        assert reply.usage == Usage(input=3, output=5, cache_read=900, cache_write=40)

    def test_an_agent_that_does_not_exist_is_a_reply_like_any_other(self) -> None:
        given = {**BRIEF, "subagent_type": "no-such-agent"}
        with serving(stream(*message(call("Agent", given), stop="tool_use"))) as server:
            reply = answered(server.url, make_ask("hello"))

        assert reply.blocks == (Call("toolu_1", "Agent", given),)

    def test_a_prompt_that_does_not_fit_is_a_stop_and_no_fault(self) -> None:
        refusals = (
            '{"type":"error","error":{"type":"invalid_request_error",'
            '"message":"prompt is too long: 208310 tokens > 200000 maximum"}}',
            '{"error":{"code":400,"type":"exceed_context_size_error",'
            '"message":"the request exceeds the available context size"}}',
        )
        for refusal in refusals:
            with serving(status(400, refusal)) as server:
                reply = answered(server.url, make_ask("hello"))

            assert (reply.stop, reply.blocks) == ("context_window", ())

    def test_a_model_about_to_be_switched_off_is_labelled(self) -> None:
        with serving(stream(*text("ok"))) as server:
            reply = answered(server.url, make_ask("hello"), model=Anthropic("claude-sonnet-4-5"))

        assert "'claude-sonnet-4-5' is deprecated" in reply.label
        assert reply.blocks == (Text("ok"),)

    def test_the_ways_of_llama_cpp(self) -> None:
        answer = message(
            call("Agent", {}, call_id="chatcmpl-tool-7"),
            stop="max_tokens",
            model="/models/q15.gguf",
        )
        answer[0]["message"]["id"] = "chatcmpl-12"
        del answer[0]["message"]["usage"]["output_tokens"]
        error = '{"error":{"code":500,"message":"slot unavailable","type":"server_error"}}'
        with serving(stream(*answer), status(500, error)) as server:
            reply = answered(server.url, make_ask("hello"), model=Anthropic("local", retries=0))
            fault = faulted(server.url, make_ask("hello"), model=Anthropic("local", retries=0))

        assert reply.blocks == (Call("chatcmpl-tool-7", "Agent", {}),)
        assert (reply.stop, reply.served) == ("max_tokens", "/models/q15.gguf")
        assert "slot unavailable" in str(fault)


class TestBeforeAnythingIsSpent:
    def test_a_missing_key_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("ANTHROPIC_API_KEY")

        (problem,) = Anthropic("m").problems(make_opening(None))
        with pytest.raises(InputError, match="ANTHROPIC_API_KEY: is not set"):
            answered(None, make_ask("hello"))

        assert "--base-url" in problem.do

    def test_the_address_of_anthropic_needs_a_key_too(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("ANTHROPIC_API_KEY")

        assert Anthropic("m").problems(make_opening("https://api.anthropic.com"))

    def test_a_token_will_do(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("ANTHROPIC_API_KEY")
        monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token")

        assert Anthropic("m").problems(make_opening(None)) == ()

    def test_a_key_with_a_line_end_is_told_without_showing_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ANTHROPIC_API_KEY", f"{KEY}\n")

        (problem,) = Anthropic("m").problems(make_opening(None))

        assert problem.where == "ANTHROPIC_API_KEY"
        assert KEY not in str(problem)

    @pytest.mark.parametrize(
        "url",
        ["localhost:8080", "ftp://x", "http://", "http://[::1", "http://x:99999", "http://x/v1/"],
    )
    def test_an_address_that_cannot_work_is_told(self, url: str) -> None:
        (problem,) = Anthropic("m").problems(make_opening(url))

        assert problem.where == "base_url"

    def test_options_out_of_range_are_told(self) -> None:
        found = Anthropic(" ", stall_s=0, retries=-1).problems(make_opening("http://x"))

        assert len(found) == 2


class TestAsAPart:
    def test_it_is_found_by_its_name_and_takes_its_id(self) -> None:
        part = parts.find("models", "anthropic")
        spec = parts.read_spec_text("anthropic:claude-opus-5-5")

        assert part is Anthropic
        made = parts.adapter(Anthropic).validate_python(spec.arguments(Anthropic))
        assert made == Anthropic("claude-opus-5-5")
        assert (made.label, made.nature) == ("anthropic:claude-opus-5-5", "real")

    def test_its_price_is_the_suites_or_the_tables(self) -> None:
        model, own = Anthropic("claude-opus-5-5"), Price(1, 1, 1, 1)

        assert model.price(make_opening(None)) == price_of("claude-opus-5-5", {})
        assert model.price(make_opening(None, prices={"claude-opus-5-5": own})) == own
        assert Anthropic("qwen").price(make_opening(None)) is None
