"""What the YAML parser complains about, in words that say what to do."""

import yaml

from audition.document import Document
from audition.errors import Problem

MAX_DEPTH = 64

_REWORDED = (
    # Fragments of what libyaml or PyYAML says; what we say; what to do; whether the place is where
    # the unfinished thing began rather than where the parser gave up.
    # Newer parsers have a limit of their own, far above ours, and may meet it first.
    ("nesting depth", f"nested deeper than {MAX_DEPTH} levels", "flatten it", False),
    ("end of stream", "a quote is opened and never closed", "close the quote", True),
    ("document indicator", "a quote is opened and never closed", "close the quote", True),
    (
        "mapping values are not allowed",
        "a key cannot stand here",
        "put the text in quotes, or mend the indentation of this line or the one above",
        False,
    ),
    (
        "could not find expected ':'",
        "this line is neither a key with a colon nor part of the value above",
        "add the colon, or mend the indentation",
        False,
    ),
    (
        "sequence entries are not allowed",
        "a list item cannot begin here",
        "put the '-' on a line of its own",
        False,
    ),
    ("',' or ']'", "this list is never closed", "add the missing ',' or ']'", True),
    ("',' or '}'", "this mapping is never closed", "add the missing ',' or '}'", True),
    (
        "expected key",
        "this fits neither the keys above nor a value",
        "align it with the keys it belongs to, or put the whole value in quotes",
        False,
    ),
    (
        "'-' indicator",
        "this stands among list items and is none",
        "begin it with '-', or mend the indentation",
        False,
    ),
    (
        "<block end>",
        "this does not fit what stands above",
        "mend the indentation, or put the whole value in quotes",
        False,
    ),
    (
        "escape character",
        "a backslash in double quotes begins no escape that YAML knows",
        "use single quotes, or write two backslashes",
        False,
    ),
    (
        "hexdecimal",
        "an escape in double quotes lacks digits",
        "use single quotes, or write two backslashes",
        False,
    ),
    ("node content", "a value is missing here", "write one", False),
    (
        "alphabetic or numeric",
        "'&' or '*' without a name after it",
        "put the text in quotes",
        False,
    ),
    ("<document start>", "something stands after the end of the document", "remove it", False),
    ("a tab character", "a tab stands where YAML wants spaces", "indent with spaces", False),
    ("tag", "tags are not read", "remove the tag, or put the text in quotes", False),
    ("directive", "a line that begins with '%' is no content", "put the text in quotes", False),
    (
        "comment or line break",
        "text follows '|' or '>' on the same line",
        "begin the text on the next line",
        False,
    ),
)


def reworded(document: Document, error: yaml.MarkedYAMLError) -> Problem:
    """The parser's complaint as a problem in plain words."""
    said = f"{error.problem} {error.context}"
    what, do, mark = f"is not YAML: {error.problem}", "mend this line", error.problem_mark
    for fragment, our_what, our_do, at_start in _REWORDED:
        if fragment in said:
            what, do = our_what, our_do
            mark = (at_start and error.context_mark) or mark
            break
    if mark is None:
        return document.problem_at(1, 1, what, do)
    if "start any token" in said:
        what, do = _bad_start(document, mark)
    return document.problem_at(mark.line + 1, mark.column + 1, what, do)


def _bad_start(document: Document, mark: yaml.Mark) -> tuple[str, str]:
    rest = document.lines[mark.line][mark.column :]
    if rest.startswith("\t"):
        return "a tab stands where YAML wants spaces", "indent with spaces"
    return f"a value cannot begin with {rest[:1]!r}", "put the value in quotes"
