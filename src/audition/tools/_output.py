"""Long texts cut in the middle: what a model is told has bounds."""

TOLD_CHARACTERS = 30_000
"""As much of an output as Claude Code passes on by default."""


def middle_cut(text: str, most: int = TOLD_CHARACTERS) -> str:
    """The text, or its head and its tail around a line that says how much is missing."""
    if len(text) <= most:
        return text
    half = most // 2
    left_out = len(text) - 2 * half
    return f"{text[:half]}\n[... {left_out} characters left out ...]\n{text[-half:]}"
