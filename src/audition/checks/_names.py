"""Names that a test missed: whether a tree has such a module, or code that has such a word."""

import re

from audition.evidence import Evidence
from audition.trees import Tree

_WORKSPACE = re.compile(r"^(?:file://)?/workspace/")
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_ENDING = re.compile(r"\.(?:py|[cm]?[jt]sx?)$")


def is_module(name: str, tree: Tree) -> bool:
    """Whether the tree has the module: `shop.coupons`, `../src/coupons.js`."""
    wanted = _as_path(name)
    if not wanted:
        return False
    for path in tree:
        stem = f"/{_ENDING.sub('', path)}"
        if stem.endswith(f"/{wanted}") or f"/{wanted}/" in stem:
            return True
    return False


def is_found(name: str, tree: Tree, evidence: Evidence) -> bool:
    """Whether the tree has the module, or code in it has the last word of the name."""
    words = _WORD.findall(_ENDING.sub("", name))
    if not words:
        return False
    word = re.compile(rf"(?<![\w$]){re.escape(words[-1])}(?![\w$])")
    return is_module(name, tree) or any(
        word.search(content.decode("utf-8", "replace"))
        for path, file in tree.items()
        if evidence.role(path) == "implementation"
        and (content := evidence.contents(file.blob)) is not None
    )


def _as_path(name: str) -> str:
    """The place of a module without its ending; empty where the name can be none."""
    plain = _WORKSPACE.sub("", name.strip().strip("'\""))
    if "#" in plain:  # an export of a module
        return ""
    if "/" in plain:
        return _ENDING.sub("", re.sub(r"^(?:\.{1,2}/)+", "", plain))
    return plain.replace(".", "/") if re.fullmatch(r"[\w.]+", plain) else ""
