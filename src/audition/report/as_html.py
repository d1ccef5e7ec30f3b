"""The HTML report: one self-contained file that opens from disk, without a network.

It reads without JavaScript; JavaScript adds filters, sorting, deep links and what is packed. A
large run stays small and quick by three bounds, and the page says where one of them was met:

- the first 150 cases, failures first, are rows of the page; further rows are packed;
- cases that did not pass are written out with their traces, up to 500,000 characters; the rest,
  and every case that passed, is packed: zlib and base64, unpacked by the browser when it is opened;
- after 7 million characters of packed text, traces are left out (those of passing cases first, as
  failures are packed first) and the command that prints them stands in their place.

Every value passes `inert` and the escaping of the template engine on its way into the page. By its
content security policy the page forbids itself any script or style but its own two, and anything
from elsewhere. The bytes depend on the run file alone.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from re import sub
from typing import TYPE_CHECKING, Any

from audition.inert import inert
from audition.report.case_view import CaseView, found_of, show_command
from audition.report.figures import MARKS, count, counted, interval, percent, seconds, share
from audition.report.strip import strip_words
from audition.report.view import Page, RunLike, page_view
from audition.report.work_view import Extent, place_of, trace_view

if TYPE_CHECKING:
    from jinja2 import Environment, Template

ROWS_ON_THE_PAGE = 150
CHARACTERS_WRITTEN_OUT = 500_000
CHARACTERS_PACKED = 7_000_000
_CHUNK = 200_000
"""Characters packed together: large enough to compress well, small enough to open at once."""
_EXTENT = Extent(events=1_000, longest=4_000, timeline=(300_000, 70_000), change=(120_000, 30_000))
"""A trial at work comes to at most 200 kB of packed page by these bounds, whatever is in it."""
_LONGEST_SEARCH_TEXT = 1_000


def render_html(run: RunLike) -> str:
    """The whole page as text."""
    page = page_view(run)
    templates = environment()
    packed = _Packed()
    rows = tuple(_rows(templates, run, page, packed))
    packed.close()
    style, script = asset("report.css"), asset("report.js")
    return templates.get_template("page.html.j2").render(
        page=page,
        rows=[trusted(row) for row in rows[:ROWS_ON_THE_PAGE]],
        more_rows=max(0, len(rows) - ROWS_ON_THE_PAGE),
        index=_index(page, rows),
        chunks=packed.chunks,
        matrix=_matrix(page),
        style=trusted(style),
        script=trusted(script),
        style_hash=csp_hash(style),
        script_hash=csp_hash(script),
    )


@dataclass
class _Packed:
    """Texts packed together in chunks; a text is found by its chunk and its place in it."""

    chunks: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)
    _open_size: int = 0
    _size: int = 0

    @property
    def is_full(self) -> bool:
        return self._size > CHARACTERS_PACKED

    def add(self, text: str) -> tuple[int, int]:
        place = (len(self.chunks), len(self._open))
        self._open.append(text)
        self._open_size += len(text)
        if self._open_size > _CHUNK:
            self.close()
        return place

    def close(self) -> None:
        if self._open:
            self.chunks.append(_pack(self._open))
            self._size += len(self.chunks[-1])
            self._open, self._open_size = [], 0


def _rows(environment: "Environment", run: RunLike, page: Page, packed: _Packed) -> Iterator[str]:
    """One list item for each case; its details are written out, or packed as the bounds say."""
    body = environment.get_template("case_body.html.j2")
    row = environment.get_template("case_row.html.j2")
    written = 0
    for position, view in enumerate(page.cases):
        details = _details(body, run, view, with_traces=not packed.is_full)
        fits = written + len(details) <= CHARACTERS_WRITTEN_OUT and position < ROWS_ON_THE_PAGE
        place = None
        if view.summary.verdict != "pass" and fits:
            written += len(details)
        else:
            place = packed.add(details)
        yield row.render(view=view, place=place, details=trusted(details))


def _details(body: "Template", run: RunLike, view: CaseView, *, with_traces: bool) -> str:
    traces = {
        trial.number: trace_view(run.evidence(trial.trial), trial.scores, _EXTENT)
        for trial in (view.trials if with_traces else ())
    }
    return body.render(view=view, traces=traces, run_file=run.path.name, show_command=show_command)


def _index(page: Page, rows: tuple[str, ...]) -> str:
    """What filters and sorting need of every case, and the rows that are not on the page."""
    return _pack(
        _entry(view) if place < ROWS_ON_THE_PAGE else {**_entry(view), "row": row}
        for place, (view, row) in enumerate(zip(page.cases, rows, strict=True))
    )


def _entry(view: CaseView) -> dict[str, Any]:
    text = " ".join((view.case.id, view.case.request, view.reason, *view.case.tags))
    found = sorted({found_of(trial.trial) for trial in view.trials})
    return {
        "anchor": anchor(view.case.id),
        "id": inert(view.case.id),
        "position": view.position,
        "verdict": view.summary.verdict,
        "flaky": view.summary.flaky,
        "tags": [inert(tag) for tag in view.case.tags],
        "expected": inert(view.confused_as),
        "found": [inert(name) for name in found],
        "rate": view.summary.passed / view.summary.judged if view.summary.judged else -1,
        "cost": -1 if view.summary.cost_usd is None else view.summary.cost_usd,
        "duration": view.summary.duration_s,
        "text": inert(text[:_LONGEST_SEARCH_TEXT]).lower(),
    }


@dataclass(frozen=True)
class _Cell:
    """One cell of the confusion matrix."""

    found: str
    right: int
    wrong: int
    heat: int
    """0 to 5: the share of its row."""
    expected: bool
    """The cell of the agent that is expected first."""


def _matrix(page: Page) -> tuple[tuple[str, int, tuple[_Cell, ...]], ...]:
    confusion = page.confusion
    if confusion is None:
        return ()
    lines = []
    rows = zip(confusion.expected, confusion.counts, confusion.right, strict=True)
    for expected, counts, rights in rows:
        total = sum(counts)
        cells = tuple(
            _Cell(found, right, n - right, -(-5 * n // (total or 1)), expected == found)
            for found, n, right in zip(confusion.found, counts, rights, strict=True)
        )
        lines.append((expected, total, cells))
    return tuple(lines)


def environment() -> "Environment":
    """The templates of the pages: everything that they print is made inert and escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("audition.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.globals["mark"] = MARKS
    environment.globals["place_of"] = place_of
    environment.filters |= {
        "anchor": anchor,
        "key": _key,
        "strip_words": strip_words,
        "count": count,
        "counted": counted,
        "interval": interval,
        "percent": percent,
        "seconds": seconds,
        "share": share,
    }
    return environment


def _finalize(value: object) -> object:
    """Every text that a template prints comes through here; what a template made is left alone."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return inert(value, keep_layout=True)
    return value


def trusted(text: str) -> str:
    """A text that a page takes as it is."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704  # our own stylesheet, script, or what our templates rendered


def asset(name: str) -> str:
    """A stylesheet or a script of ours."""
    return (files("audition.report") / "templates" / name).read_text(encoding="utf-8")


def csp_hash(text: str) -> str:
    """What a page has to say of a script or a style before a browser takes it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _pack(values: Iterable[Any]) -> str:
    """A JSON array, compressed in the format that browsers call `deflate`, as text without a `<`.

    Value by value: written out whole, the index of a large run would take 40 MB.
    """
    packer = zlib.compressobj(6)
    packed = bytearray(packer.compress(b"["))
    comma = ""
    for value in values:
        text = comma + json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        packed += packer.compress(text.encode("utf-8"))
        comma = ","
    packed += packer.compress(b"]") + packer.flush()
    return base64.b64encode(packed).decode("ascii")


def anchor(case: str) -> str:
    """The id of a case in the page: letters, digits, `.` and `-` as they are, others by number."""
    return f"case-{_key(case)}"


def _key(text: str) -> str:
    return sub(r"[^A-Za-z0-9.-]", lambda found: f"_{ord(found[0]):x}_", text)
