"""Our records and the blocks of the Messages API, in both directions.

What a server sends is not trusted to have the documented shape: whatever cannot be read as that
raises ValueError, which says what was wrong.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast, get_args

from audition.conversation import Block, Call, Opaque, Prompt, Result, Stop, Text, ToolSpec, Turn
from audition.inert import sound
from audition.prices import Usage

_CACHED = {"cache_control": {"type": "ephemeral"}}
_STOPS: dict[str, Stop] = {
    **{stop: stop for stop in get_args(Stop)},
    "model_context_window_exceeded": "context_window",
}


def request(model: str, prompt: Prompt) -> dict[str, Any]:
    """The arguments of one call.

    Breakpoints of the prompt cache, at most four, stand after what all trials share (the tools, the
    system prompt, the leading blocks of the first turn), and in a longer conversation after the
    last block, which the next turn repeats.
    """
    arguments: dict[str, Any] = {"model": model, "max_tokens": prompt.max_tokens}
    if prompt.tools:
        arguments["tools"] = _marked([_tool(tool) for tool in prompt.tools])
    if prompt.system:
        arguments["system"] = _marked([{"type": "text", "text": prompt.system}])
    messages = [_message(turn) for turn in prompt.turns]
    if prompt.shared_blocks:
        shared = messages[0]["content"]
        shared[: prompt.shared_blocks] = _marked(shared[: prompt.shared_blocks])
    arguments["messages"] = [message for message in messages if message["content"]]
    last = arguments["messages"][-1]
    if len(arguments["messages"]) > 1 and last["role"] == "user":
        last["content"] = _marked(last["content"])
    return arguments


def blocks(content: Iterable[Any]) -> tuple[Block, ...]:
    """The content of an answer, in the order in which the model emitted it.

    Raises:
        ValueError: a block is not shaped as the Messages API shapes it.
    """
    return tuple(_block(part) for part in content)


def stop(reason: Any) -> Stop:
    """Why the model stopped.

    Raises:
        EOFError: there is no reason, so the end of the answer is missing.
        ValueError: the reason is unknown.
    """
    if reason is None:
        raise EOFError("the stream ended early")
    if not isinstance(reason, str) or reason not in _STOPS:
        raise ValueError(f"unknown stop reason {reason!r}")
    return _STOPS[reason]


def usage(reported: Any) -> Usage:
    """The tokens of a call; what the server does not count is 0."""
    return Usage(
        input=_count(reported, "input_tokens"),
        output=_count(reported, "output_tokens"),
        cache_read=_count(reported, "cache_read_input_tokens"),
        cache_write=_count(reported, "cache_creation_input_tokens"),
    )


def _tool(tool: ToolSpec) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": tool.description,
        "input_schema": dict(tool.schema),
    }


def _message(turn: Turn) -> dict[str, Any]:
    content = [_part(block) for block in turn.blocks if block != Text("")]
    return {"role": turn.role, "content": content}


def _part(block: Block) -> dict[str, Any]:
    if isinstance(block, Text):
        return {"type": "text", "text": block.text}
    if isinstance(block, Call):
        return {
            "type": "tool_use",
            "id": block.id,
            "name": block.tool,
            "input": dict(block.input),
        }
    if isinstance(block, Result):
        return {
            "type": "tool_result",
            "tool_use_id": block.call_id,
            "content": block.content,
            **({"is_error": True} if block.is_error else {}),
        }
    return dict(block.data)


def _marked(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*parts[:-1], {**parts[-1], **_CACHED}]


def _block(part: Any) -> Block:
    kind = getattr(part, "type", None)
    if kind == "text":
        return Text(_word(part, "text"))
    if kind == "tool_use":
        return Call(_word(part, "id"), _word(part, "name"), _input(part))
    if not isinstance(kind, str):
        raise ValueError("a block of the answer has no type")
    return Opaque(sound(part.to_dict(mode="json", warnings=False)))


def _input(part: Any) -> Mapping[str, Any]:
    given = getattr(part, "input", None)
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ValueError(f"the input of a tool call is no object but {type(given).__name__}")
    return cast(Mapping[str, Any], sound(given))


def _word(part: Any, name: str) -> str:
    value = getattr(part, name, None)
    if not isinstance(value, str):
        raise ValueError(f"a {part.type} block of the answer has no {name}")
    return cast(str, sound(value))


def _count(reported: Any, name: str) -> int:
    value = getattr(reported, name, None)
    return max(0, value) if isinstance(value, int) else 0
