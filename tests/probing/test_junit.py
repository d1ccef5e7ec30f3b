"""Reports in XML, by the tests or by somebody else."""

import io
from contextlib import suppress
from typing import cast
from xml.etree.ElementTree import Element, ElementTree, SubElement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.probing._junit import MOST_CASES, Case, Ending, cases

LETTERS = st.characters(
    min_codepoint=32, exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"
)
TEXT = st.text(LETTERS, max_size=20)
CASES = st.builds(
    Case,
    classname=TEXT,
    name=TEXT,
    file=TEXT,
    ending=st.sampled_from(cast(list[Ending | None], ["failure", "error", "skipped", None])),
    message=TEXT,
    text=TEXT,
)


def written(found: list[Case]) -> bytes:
    """A report of these tests."""
    root = Element("testsuites")
    suite = SubElement(root, "testsuite", name="pytest")
    for case in found:
        attributes = {"classname": case.classname, "name": case.name, "file": case.file}
        element = SubElement(suite, "testcase", attributes)
        SubElement(element, "system-out").text = "noise"
        if case.ending:
            SubElement(element, case.ending, message=case.message).text = case.text
    stream = io.BytesIO()
    ElementTree(root).write(stream, encoding="utf-8", xml_declaration=True)
    return stream.getvalue()


@given(st.lists(CASES, max_size=5))
def test_what_is_written_is_read(found: list[Case]) -> None:
    def said(case: Case) -> Case:
        return case if case.ending else Case(
            classname=case.classname, name=case.name, file=case.file, ending=None,
            message="", text="",
        )  # fmt: skip

    assert cases(written(found)) == [said(case) for case in found]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(ValueError):
        assert isinstance(cases(content), list)


LAUGHS = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(10))
HOSTILE = {
    "laughs": f'<!DOCTYPE a [<!ENTITY a0 "ha">{LAUGHS}]><testsuites>&a9;</testsuites>',
    "file": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuites>&x;</testsuites>',
    "hidden": "<!--><!DOCTYPE a []><!----><testsuites/>",
    "other alphabet": '<?xml version="1.0" encoding="utf-7"?><testsuites>+ADw-</testsuites',
    "unknown name": "<testsuites>&nothing;</testsuites>",
    "deep": "<a>" * 200_000,
    "many": f"<testsuites>{'<testcase/>' * (MOST_CASES + 1)}</testsuites>",
    "cut": "<testsuites><testcase name='a'>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_report_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="the report"):
        cases(HOSTILE[name].encode())


def test_another_alphabet_is_refused() -> None:
    declared = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a []><testsuites/>'

    with pytest.raises(ValueError, match="the report"):
        cases(declared.encode("utf-16"))


def test_of_a_very_long_text_the_end_is_kept() -> None:
    text = "x" * 100_000 + "the end"
    (case,) = cases(f"<t><testcase><failure>{text}</failure></testcase></t>".encode())

    assert case.text.endswith("the end")
    assert len(case.text) < 50_000
