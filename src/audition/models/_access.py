"""Where the Messages API is, and what opens it: addresses, keys, and what is wrong with them."""

import os
import re
import socket
from typing import Any
from urllib.parse import urlsplit

from audition.conversation import Opening
from audition.errors import Problem
from audition.models._secrets import Secrets

_ANTHROPIC_URL = "https://api.anthropic.com"
_CREDENTIALS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
_NO_KEY = "none"
"""Sent to local servers: the SDK does not send a request without any key."""
_SECRET_HEADER = re.compile(r"auth|key|token|secret|cookie", re.IGNORECASE)


def endpoint(opening: Opening) -> str:
    """The address of the server that answers, without credentials and query."""
    address = re.split(r"[?#]", _url(opening), maxsplit=1)[0]
    return re.sub(r"//[^/]*@", "//", address).rstrip("/")


def arguments(opening: Opening) -> dict[str, Any]:
    """What the client of the SDK needs to reach the server."""
    if _has_credentials():
        return {"base_url": _url(opening)}
    if not is_anthropic(opening):
        return {"base_url": _url(opening), "api_key": _NO_KEY}
    return {}  # a profile of the SDK has its own address beside its credentials


def secrets(opening: Opening) -> Secrets:
    """Every value that opens the server."""
    values = [os.environ.get(name, "") for name in _CREDENTIALS]
    for line in os.environ.get("ANTHROPIC_CUSTOM_HEADERS", "").splitlines():
        name, _, value = line.partition(":")
        if _SECRET_HEADER.search(name):
            values += value.split()[-1:]
    values.append(urlsplit(_url(opening)).password or "")
    return Secrets(tuple(value for value in values if value))


def problems(opening: Opening) -> tuple[Problem, ...]:
    """What would make every call fail, found without making one."""
    if found := [*_problems_of_url(opening), *_problems_of_keys()]:
        return tuple(found)
    if _has_credentials() or not is_anthropic(opening) or _has_profile():
        return ()
    return (
        Problem(
            "ANTHROPIC_API_KEY",
            "is not set",
            "set it, give the --base-url of a local server, or choose --model lexical",
        ),
    )


def _problems_of_url(opening: Opening) -> list[Problem]:
    where = "base_url" if opening.base_url else "ANTHROPIC_BASE_URL"
    try:
        parts = urlsplit(_url(opening))
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        what = f"{endpoint(opening)!r} is no address of a server"
        return [Problem(where, what, "write one such as http://127.0.0.1:8080")]
    if parts.path.rstrip("/").endswith("/v1"):
        return [Problem(where, "the address ends in /v1", "leave that out, it is added")]
    if _nothing_listens(parts.hostname or "", parts.port):
        what = f"nothing answers at {endpoint(opening)}"
        return [Problem(where, what, "start the server, or mend the address")]
    return []


def _nothing_listens(host: str, port: int | None) -> bool:
    """Whether a port of this very machine is closed; of another machine it is not asked."""
    if host not in ("localhost", "127.0.0.1", "::1") or port is None:
        return False
    try:
        with socket.create_connection((host, port), timeout=2):
            return False
    except ConnectionRefusedError:
        return True
    except OSError:
        return False


def _problems_of_keys() -> list[Problem]:
    return [
        Problem(
            name,
            "holds a blank, a line end or another character that no key has",
            "set it to the key alone",
        )
        for name in _CREDENTIALS
        if not re.fullmatch(r"[!-~]*", os.environ.get(name, ""))
    ]


def _url(opening: Opening) -> str:
    return opening.base_url or os.environ.get("ANTHROPIC_BASE_URL") or _ANTHROPIC_URL


def is_anthropic(opening: Opening) -> bool:
    """Whether Anthropic itself answers, so that its own names of models mean something."""
    host = urlsplit(_url(opening)).hostname or ""
    return host == "anthropic.com" or host.endswith(".anthropic.com")


def _has_credentials() -> bool:
    return any(os.environ.get(name) for name in _CREDENTIALS)


def _has_profile() -> bool:
    """Whether the SDK finds credentials of its own, such as a profile on disk."""
    import anthropic

    try:
        with anthropic.Anthropic() as client:
            return client.credentials is not None
    except anthropic.AnthropicError:
        return False
