"""What the SDK raises, as faults: a sentence that says what to do, and whether to try again."""

import re
from dataclasses import dataclass

from audition.errors import FaultError, FaultSource
from audition.models._secrets import Secrets

_LONGEST = 300
"""Characters of a server's own words that a message quotes."""

_STATUS_OF = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""An error inside a stream came with status 200: its type tells which one it deserves."""

_MEANING = {
    401: "it does not accept the key: set ANTHROPIC_API_KEY to one that is valid there",
    402: "the account has no credit left: see its billing page",
    403: "the key may not do this: ask for access, or choose another model",
    404: "it knows no such model, or has no Messages API there: check --model and --base-url",
    413: "the request is larger than it takes",
    429: "too many requests: lower --concurrency, or run again later",
    503: "it is overloaded: run again later",
    529: "it is overloaded: run again later",
}
_TRANSIENT = {408, 409, 429}
OVERLOAD = frozenset({429, 503, 529})
"""The status codes with which a server asks for fewer requests at once."""

_TOO_LONG = re.compile(
    r"prompt is too long|context (size|length|limit|window)|maximum context", re.IGNORECASE
)


@dataclass(frozen=True)
class Translation:
    """How errors of one server read to the user of one model."""

    server: str
    """Its address, without credentials."""
    stall_s: float
    secrets: Secrets

    def fault(self, error: Exception) -> FaultError:
        """The fault that an error of the SDK, of the connection, or of an odd answer amounts to."""
        import anthropic
        import httpx2

        match error:
            case anthropic.APIStatusError():
                return self._refusal(
                    status_of(error), _own_words(error), streamed=error.status_code == 200
                )
            case anthropic.APITimeoutError() | httpx2.TimeoutException():
                return self.silence()
            case anthropic.APIConnectionError():
                return self._fault("network", f"gave no answer ({_cause(error)})")
            case httpx2.HTTPError() | OSError() | EOFError():
                what = f"broke off in the middle of an answer ({_cause(error)})"
                return self._fault("network", what, may_be_billed=True)
            case anthropic.AnthropicError():
                return self._fault("provider", f"was not asked: {error}", retryable=False)
        odd = f"{type(error).__name__}: {error}" if str(error) else "it holds no message"
        what = f"sent an answer that is no Messages API's ({odd})"
        return self._fault("provider", what, may_be_billed=True)

    def silence(self) -> FaultError:
        """Nothing came for as long as the model's `stall_s` allows."""
        what = f"sent nothing for {self.stall_s:g} s"
        return self._fault("network", what, may_be_billed=True)

    def endlessness(self, longest_s: float) -> FaultError:
        """The answer streams on and on."""
        what = f"was still answering after {longest_s:g} s"
        return self._fault("network", what, may_be_billed=True)

    def impatience(self, asked_s: float) -> FaultError:
        """The server wants a longer pause than anybody waits for."""
        return self._fault(
            "provider",
            f"asks to wait {asked_s:.0f} s: run the same command again after that",
            retryable=False,
        )

    def _refusal(self, status: int, words: str, *, streamed: bool) -> FaultError:
        fallback = "it failed" if status >= 500 else "it rejects the request"
        return self._fault(
            "provider",
            f"answered {status}: {_MEANING.get(status, fallback)} ({words})",
            retryable=not 400 <= status < 500 or status in _TRANSIENT,
            may_be_billed=streamed,
        )

    def _fault(
        self,
        source: FaultSource,
        what: str,
        *,
        retryable: bool = True,
        may_be_billed: bool = False,
    ) -> FaultError:
        text = _one_line(self.secrets.hide_in_error(f"{self.server} {what}"))
        return FaultError(source, text, retryable=retryable, may_be_billed=may_be_billed)


def status_of(error: Exception) -> int:
    """The HTTP status of an error, also where it came inside a stream; 0 for any other error."""
    status: int = getattr(error, "status_code", 0)
    if status == 200:
        return _STATUS_OF.get(str(getattr(error, "type", "")), 500)
    return status


def is_too_long(error: Exception) -> bool:
    """Whether a server rejects a prompt because it does not fit the model's context window."""
    return status_of(error) == 400 and _TOO_LONG.search(_own_words(error)) is not None


def _own_words(error: Exception) -> str:
    words = getattr(error, "api_message", None)
    return words if isinstance(words, str) and words else str(error)


def _cause(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) or type(error).__name__


def _one_line(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
