import pytest

from audition.gate.critical import Critical, State


def make(
    *,
    base: tuple[int, int] = (10, 0),
    head: tuple[int, int] = (3, 1),
    reruns: tuple[int, int] = (0, 0),
    flakes: int = 0,
) -> Critical:
    return Critical(
        check="tests_first",
        case="register-endpoint",
        base_trials=base[0],
        base_failures=base[1],
        head_trials=head[0],
        head_failures=head[1],
        reruns=reruns[0],
        rerun_failures=reruns[1],
        recent_flakes=flakes,
    )


@pytest.mark.parametrize(
    ("critical", "state"),
    [
        (make(base=(9, 0)), "unarmed"),
        (make(base=(20, 1)), "unarmed"),
        (make(head=(3, 0)), "clear"),
        (make(), "unconfirmed"),
        (make(reruns=(2, 0)), "unconfirmed"),
        (make(reruns=(1, 1)), "broken"),
        (make(reruns=(3, 1)), "broken"),
        (make(reruns=(3, 0)), "flake"),
        (make(reruns=(3, 0), flakes=1), "flake"),
        (make(flakes=2), "disarmed"),
        (make(reruns=(3, 3), flakes=2), "disarmed"),
    ],
)
def test_what_follows(critical: Critical, state: State) -> None:
    assert critical.state == state
    assert str(critical).startswith("`tests_first` of register-endpoint ")


def test_no_failure_says_how_little_it_rules_out() -> None:
    assert "in 20 trials, which rules out no more than a failure rate above 13.9 %" in str(
        make(head=(20, 0))
    )


def test_the_second_flake_asks_for_a_person() -> None:
    assert "somebody" not in str(make(reruns=(3, 0)))
    assert "somebody" in str(make(reruns=(3, 0), flakes=1))


def test_a_check_that_was_not_played_rules_out_nothing() -> None:
    assert "was not played" in str(make(head=(0, 0)))
