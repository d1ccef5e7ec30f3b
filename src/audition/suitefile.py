"""What a suite file may hold: the form that is validated, and that editors are told."""

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field

from audition.dataset import Limits
from audition.expectation import FORM
from audition.validation import FILE_NAME, SOME_TEXT

PathText = Annotated[str, Field(pattern=SOME_TEXT)]
Dollars = Annotated[float, Field(ge=0)]

_ADDRESS = Field(json_schema_extra={"pattern": "^https?://[^@/?#]+(/[^?#]*)?$"})


def what_is_wrong_with(address: str) -> tuple[str, str] | None:
    """What is wrong with a server's address, and what to do; None for a sound one."""
    try:
        url = urlsplit(address)
        known = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        known = False
    if not known:
        return "is no web address", "write it like http://127.0.0.1:8080"
    if url.username or url.password:
        return "holds a password", "keys belong in the environment"
    if url.query or url.fragment:
        return "holds a query", "write the address without what follows '?' or '#'"
    return None


def _is_address(text: str) -> str:
    wrong = what_is_wrong_with(text)
    if wrong is not None:
        raise ValueError("; ".join(wrong))
    return text


class SetupEntry(BaseModel):
    """A setup whose parts lie in different places."""

    model_config = FORM

    agents: PathText | None = None
    """The folder with the agent definitions."""
    instructions: PathText | None = None
    """The `CLAUDE.md`."""
    settings: PathText | None = None
    """The `settings.json`."""
    home: PathText | None = None
    """A folder laid into the throw-away home."""


class PriceEntry(BaseModel):
    """US dollars per million tokens."""

    model_config = FORM

    input: Dollars
    """Input that comes from no cache."""
    output: Dollars
    """Output."""
    cache_read: Dollars
    """Input read from the cache."""
    cache_write: Dollars
    """Input written into the cache."""


class GateEntry(BaseModel):
    """What `audition gate` demands."""

    model_config = FORM

    margin: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """The loss of the mean pass rate that a PASS rules out."""
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    """How often either verdict may be wrong."""
    profile: Literal["pr", "release"] = "pr"
    """`pr` blocks only on FAIL, `release` asks for PASS."""
    base_trials: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Trials of each case in base; as many as in head where nothing is said, and never fewer."""


class SuiteFile(BaseModel):
    """A suite: which cases, on which setup, played by what, how often, within which limits."""

    model_config = FORM

    name: Annotated[str, Field(pattern=FILE_NAME)] | None = None
    """The name of the suite; the file's name without its ending where none is given."""
    setup: PathText | SetupEntry
    """The folder that holds the agents and `CLAUDE.md`, or the places of its parts."""
    dataset: PathText | Annotated[tuple[PathText, ...], Field(min_length=1)]
    """The dataset, or a list of datasets."""
    runtime: str = "messages"
    """What performs the trials."""
    model: Any = "lexical"
    """What answers: a name, `name:argument`, or a name with fields."""
    base_url: Annotated[str, AfterValidator(_is_address), _ADDRESS] | None = None
    """Another server that speaks the Messages API."""
    recordings: PathText | None = None
    """The file of recordings; `recordings/NAME.jsonl` beside the suite where none is given."""
    trials: Annotated[int, Field(ge=1, le=10_000)] = 1
    """How many times each case is tried."""
    allow: Annotated[int, Field(ge=0, le=10_000)] = 0
    """How many trials of a case may fail before the case does."""
    concurrency: Annotated[int, Field(ge=1, le=1_000)] = 8
    """How many trials are played side by side."""
    limits: Limits = Limits()
    """What stops a trial, where neither case nor dataset says otherwise."""
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] = 4096
    """The most tokens that a model may answer in one turn."""
    budget_usd: Dollars | None = None
    """The most US dollars that a run may cost; it stops before it costs more."""
    prices: dict[str, PriceEntry] = {}
    """Prices of models that the built-in table lacks or has wrong, by model id."""
    renamed: dict[PathText, PathText] = {}
    """Agents that have another name now, `old: new`: a comparison takes them for the same ones."""
    gate: GateEntry = GateEntry()
    """What the gate demands of a change."""
    checks: tuple[PathText, ...] = ()
    """Python files with checks of your own; `no_todo.py` holds the class `NoTodo`."""
