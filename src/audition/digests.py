"""Digests: the same value gives the same name, on any machine and in any order of its keys."""

import hashlib
import json
from typing import Any


def digest(value: Any) -> str:
    """The SHA-256 of a JSON value in canonical form, in hexadecimal."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
