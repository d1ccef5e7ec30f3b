"""Comparing two runs of the same cases: a function of their run files, paired by case.

`comparison.py` holds the nouns, `pairing.py` makes them, `differences.py` the numbers,
`likeness.py` says why two runs are not like for like, `definitions.py` what their definitions
differ in. What it comes to is shown by the forms in `report/comparison/`; a verdict with error
rates is the business of `gate/`.
"""
