"""A contest: both sides of a comparison played, counted and judged.

`question.py` is what a gate is asked, `counting.py` makes counts of trials, `scoreboard.py` keeps
them while trials are played and says when no other trial can change the verdict, `baseline.py` says
what is wrong with a run that is to be the base, `newcomers.py` plays cases that only head has,
`verdicts.py` keeps what was decided, and `gating.py` is the way through all of them. `playing.py`
is for a comparison without a verdict.
The rules and the words are those of `gate/`, which knows no run file.
"""
