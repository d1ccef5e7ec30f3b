"""The version, where the build and every run file take it from."""

__version__ = "0.1.0"
