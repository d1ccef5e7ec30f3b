"""Audition evaluates agent definitions by replaying requests and judging the evidence."""

__version__ = "0.1.0"
