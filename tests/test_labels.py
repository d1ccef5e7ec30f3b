"""Verdicts by hand, without sight of the checks, agree with theirs but where it is published."""

import re
from collections import Counter

import yaml

from tests.plays import ROOT, read_plays

PLAYS = {play.name: play for play in read_plays()}
LABELS = yaml.safe_load((ROOT / "docs" / "labels.yaml").read_text(encoding="utf-8"))
TEXT = (ROOT / "docs" / "labels.md").read_text(encoding="utf-8")
VERDICTS = [
    (entry["trial"], check, verdict, PLAYS[entry["trial"]].verdict(check))
    for entry in LABELS
    for check, verdict in entry["labels"].items()
]


def test_at_least_twenty_trials_were_judged_on_every_check_that_they_are_asked() -> None:
    assert len(LABELS) >= 20
    assert len({entry["trial"] for entry in LABELS}) == len(LABELS)


def test_every_disagreement_is_published_with_both_verdicts() -> None:
    rows = re.findall(r"^\| (\S+) \| `(\w+)` \| (\w+) \| (\w+) \|", TEXT, re.MULTILINE)

    assert rows == sorted(
        (trial, check, by_hand, by_check)
        for trial, check, by_hand, by_check in VERDICTS
        if by_hand != by_check
    )


def test_the_published_counts_are_those_of_the_labels() -> None:
    agree = sum(by_hand == by_check for _, _, by_hand, by_check in VERDICTS)
    cells = Counter((by_hand, by_check) for _, _, by_hand, by_check in VERDICTS)
    share = {
        v: [sum(n for c, n in cells.items() if c[i] == v) for i in (0, 1)] for v in ("pass", "fail")
    }
    chance = sum(a * b for a, b in share.values()) / len(VERDICTS) ** 2
    kappa = (agree / len(VERDICTS) - chance) / (1 - chance)

    assert f"Of {len(VERDICTS)} verdicts, {agree} are those of the checks" in TEXT
    assert (
        f"kappa {kappa:.2f}: {share['fail'][0]} fails on either side, {cells['fail', 'fail']}"
        in TEXT
    )


def test_whole_trials_come_to_the_same() -> None:
    for entry in LABELS:
        play = PLAYS[entry["trial"]]
        by_check = "fail" in {play.verdict(check) for check in entry["labels"]}

        assert ("fail" in entry["labels"].values()) == by_check, play.name
