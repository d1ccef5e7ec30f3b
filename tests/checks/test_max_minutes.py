from audition.checks.max_minutes import MaxMinutes
from tests.making import Script


def test_reads_the_clock_of_the_trial() -> None:
    evidence = Script(step_s=45).turn().turn().says("Done.").end()

    assert MaxMinutes(2).score(evidence).verdict == "pass"
    assert MaxMinutes(1).score(evidence).verdict == "fail"
