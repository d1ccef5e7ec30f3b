"""Checks: named expectations. One file is one check, and its docstring is the manual."""
