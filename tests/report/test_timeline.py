from audition.events import (
    Delegation,
    End,
    Limit,
    Message,
    ModelCall,
    Request,
    ToolCall,
    ToolResult,
)
from audition.report.timeline import event_views, laid_out
from audition.score import failed, passed

REQUEST = Request(number=1, at_s=0.0, text="Add a page", offered=("front", "back"))
CALL = ToolCall(number=2, at_s=0.1, tool="Agent", input={"prompt": "Build it", "name": "back"})
DELEGATION = Delegation(number=3, at_s=0.1, call=2, to="back", asked="Back", brief="Build it")


def test_an_event_carries_the_checks_whose_evidence_it_is() -> None:
    wrong = failed("went astray", evidence=(3, "src/app.py"))
    scores = [*(passed("fine", evidence=(1, 3)),), wrong]

    views = event_views((REQUEST, CALL, DELEGATION), scores, longest=None)

    assert [[chip.verdict for chip in view.chips] for view in views] == [
        ["pass"],
        [],
        ["pass", "fail"],
    ]


def test_a_brief_that_the_call_already_shows_is_not_printed_twice() -> None:
    view = event_views((REQUEST, CALL, DELEGATION), (), longest=None)[2]

    assert view.body == ""
    assert view.facts == ("the model wrote 'Back'", "brief: as in event 2")


def test_a_sub_agent_stands_one_step_further_in() -> None:
    inner = Message(number=4, at_s=0.2, agent="back", parent=3, text="On it.")
    served = ModelCall(number=5, at_s=0.3, agent="back", parent=3, served="m", stop="end_turn")

    views = event_views((REQUEST, CALL, DELEGATION, inner, served), (), longest=None)

    assert [view.depth for view in views] == [0, 0, 0, 1, 1]
    assert views[3].actor == "back"
    assert "in the thread of back" in views[4].facts


def test_a_long_text_is_cut_and_the_cut_is_counted() -> None:
    long = Message(number=1, at_s=0.0, text="a" * 50)

    assert event_views((long,), (), longest=20)[0].left_off == 30
    assert event_views((long,), (), longest=None)[0].left_off == 0


def test_the_input_of_a_tool_reads_as_names_and_values() -> None:
    text = laid_out({"path": "a.py", "content": "one\ntwo", "lines": [1, 2], "deep": {"x": "é"}})

    assert text.splitlines()[:4] == ["path: a.py", "content:", "  one", "  two"]
    assert '    "x": "é"' in text


def test_unknown_cost_limits_and_stand_ins_are_said() -> None:
    served = ModelCall(number=1, at_s=0.0, served="m", stop="end_turn", cache_read_tokens=9)
    result = ToolResult(number=2, at_s=0.0, call=1, content="", is_error=True, stand_in=True)
    limit = Limit(number=3, at_s=0.0, limit="turns", allowed=6)
    end = End(number=4, at_s=0.0, reason="limit")

    views = event_views((served, result, limit, end), (), longest=None)

    assert "cost unknown" in views[0].facts
    assert "9 tokens of the cache" in views[0].facts
    assert views[1].facts == ("a stand-in: nothing was run",)
    assert views[2].facts == ("allowed: 6",)
    assert [view.is_trouble for view in views] == [False, True, True, False]
