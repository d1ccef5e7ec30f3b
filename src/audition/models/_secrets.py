"""Keys and tokens: known once, hidden wherever a server sends them back."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from audition.conversation import Block, Call, Opaque, Reply, Result, Text

_HIDDEN = "[hidden]"
_SHORTEST = 6
"""Shorter values are no secrets, and hiding them would spoil ordinary words."""
_LIKE_A_KEY = re.compile(r"sk-ant-[\w-]+|(?<=Bearer )\S+", re.IGNORECASE)


@dataclass(frozen=True)
class Secrets:
    """Values that no run file, recording or message may hold."""

    values: tuple[str, ...] = field(default=(), repr=False)

    def hide_in_error(self, text: str) -> str:
        """The text without these values, and without anything else that looks like a key."""
        return _LIKE_A_KEY.sub(_HIDDEN, self._hide(text))

    def hide_in_reply(self, reply: Reply) -> Reply:
        """The reply without these values, should the server have quoted one."""
        blocks = tuple(self._hide_in_block(block) for block in reply.blocks)
        return replace(reply, blocks=blocks, served=self._hide(reply.served))

    def _hide_in_block(self, block: Block) -> Block:
        match block:
            case Text(text):
                return Text(self._hide(text))
            case Call(id, tool, given):
                return Call(self._hide(id), self._hide(tool), self._hide_in_json(given))
            case Opaque(data):
                return Opaque(self._hide_in_json(data))
            case Result():
                return block

    def _hide_in_json(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._hide(value)
        if isinstance(value, dict):
            return {self._hide(key): self._hide_in_json(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._hide_in_json(inner) for inner in value]
        return value

    def _hide(self, text: str) -> str:
        for value in self.values:
            if len(value) >= _SHORTEST:
                text = text.replace(value, _HIDDEN)
        return text
