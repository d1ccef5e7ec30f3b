"""What a trial keeps of the files it saw: each content once, no secret, and not without end."""

from fnmatch import fnmatchcase

from audition.workspaces.walk import MAX_KEPT_BYTES

MAX_ALL_KEPT_BYTES = 64 << 20
"""Of one trial."""

_SECRETS = (".env", ".env.*", "*.pem", "*.key", "*.p12", "*.pfx", "id_rsa*", "id_ed25519*",
            "id_ecdsa*", ".netrc", ".npmrc", ".pypirc", "credentials*", "*token*", "*secret*",
            "*password*")  # fmt: skip
_NO_SECRETS = (".env.example", ".env.sample", ".env.template", "*.py", "*.pyi", "*.js", "*.mjs",
               "*.cjs", "*.jsx", "*.ts", "*.mts", "*.cts", "*.tsx", "*.md", "*.html",
               "*.css")  # fmt: skip


class Kept:
    """The contents that a trial has kept, each once."""

    def __init__(self, *, most_bytes: int = MAX_ALL_KEPT_BYTES) -> None:
        self.contents: dict[str, bytes] = {}
        self.is_full = False
        """Something was not kept since there was no room."""
        self._left = most_bytes

    def keep(self, path: str, blob: str, content: bytes) -> None:
        """Keep a content, unless it looks like a secret, is large, or there is no room."""
        if blob in self.contents or len(content) > MAX_KEPT_BYTES or looks_secret(path):
            return
        if len(content) > self._left:
            self.is_full = True
            return
        self._left -= len(content)
        self.contents[blob] = content


def looks_secret(path: str) -> bool:
    """Whether a file is named like one that holds a key; source code and documents are not."""
    name = path.rpartition("/")[2].lower()
    if any(fnmatchcase(name, pattern) for pattern in _NO_SECRETS):
        return False
    return any(fnmatchcase(name, pattern) for pattern in _SECRETS)
