"""The rules of the tea shop."""
