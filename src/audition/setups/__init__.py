"""Setups: everything that shapes behaviour at one revision, read as Claude Code reads it."""
