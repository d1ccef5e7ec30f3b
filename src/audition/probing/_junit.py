"""JUnit XML as pytest writes it, read without trust: the tests themselves can write to the file."""

from dataclasses import dataclass, field
from typing import Literal, cast
from xml.etree.ElementTree import ParseError, XMLParser

MOST_CASES = 20_000
_MOST_TEXT = 40_000
_ENDINGS = frozenset({"failure", "error", "skipped"})

Ending = Literal["failure", "error", "skipped"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A `testcase`."""

    classname: str
    name: str
    file: str
    ending: Ending | None
    """None where it passed."""
    message: str
    text: str
    """The end of it, where it is very long."""


def cases(content: bytes) -> list[Case]:
    """The tests of a report, in order.

    Source of the format: pytest's `--junitxml` with `junit_family=xunit1`.

    Raises:
        ValueError: it is no such report, defines entities, or is too large.
    """
    try:
        document = content.decode()
    except UnicodeDecodeError:
        raise ValueError("the report is not UTF-8") from None
    # Text in a report is escaped, so these can only be what they look like.
    if "<!" in document.replace("<![CDATA[", "").replace("<!--", ""):
        raise ValueError("the report defines something of its own")
    collector = _Collector()
    parser = XMLParser(target=collector)  # noqa: S314 - nothing is defined in it, and nothing is kept
    try:
        parser.feed(document)
        parser.close()
    except ParseError as error:
        raise ValueError(f"the report is no XML ({error})") from None
    return collector.found


@dataclass
class _Collector:
    """Takes what matters out of a document without holding the document."""

    found: list[Case] = field(default_factory=list)
    attributes: dict[str, str] | None = None
    ending: str = ""
    message: str = ""
    texts: list[str] = field(default_factory=list)
    inside: bool = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "testcase":
            if len(self.found) >= MOST_CASES:
                raise ValueError(f"the report has more than {MOST_CASES} tests")
            self.attributes, self.ending, self.message, self.texts = attributes, "", "", []
        elif tag in _ENDINGS and self.attributes is not None and self.ending in ("", "skipped"):
            self.ending, self.message = tag, attributes.get("message", "")
            self.inside, self.texts = True, []

    def data(self, text: str) -> None:
        if self.inside:
            self.texts.append(text)

    def end(self, tag: str) -> None:
        if tag in _ENDINGS:
            self.inside = False
        elif tag == "testcase" and self.attributes is not None:
            self.found.append(
                Case(
                    classname=self.attributes.get("classname", ""),
                    name=self.attributes.get("name", ""),
                    file=self.attributes.get("file", ""),
                    ending=cast(Ending, self.ending) if self.ending else None,
                    message=self.message[:_MOST_TEXT],
                    text="".join(self.texts)[-_MOST_TEXT:],
                )
            )
            self.attributes = None

    def close(self) -> None:
        """Nothing is left to do."""
