"""The tests that files of a tree define, and which test of one tree is which of another."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from audition.checks._probes import role_in
from audition.evidence import Evidence
from audition.outcome import Probed, TestResult
from audition.sources import tests_of
from audition.trees import LINK, File, Tree

Name = tuple[str, str]
"""A test: its file, and its name without parameters; no name where a whole file failed."""

_MOST_RENAMINGS = 400
"""How many pairs are tried before a test counts as gone: files can define any number of them."""


def name_of(result: TestResult) -> Name:
    """The test of a result."""
    path, _, name = result.id.partition("::")
    return path, _plain(name)


def names_in(probed: Probed) -> frozenset[Name]:
    """Every test of a probe, the files left out that could not be collected."""
    return frozenset(name for test in probed.tests if (name := name_of(test))[1])


@dataclass(frozen=True)
class Written:
    """Reads the test files of trees, every content once."""

    evidence: Evidence
    _read: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict, repr=False)

    def tests(self, tree: Tree) -> dict[Name, str]:
        """The digest of every test; a file whose content was not kept holds none."""
        return {
            (path, name): digest
            for path, file in tree.items()
            if role_in(self.evidence.project, path) == "tests" and file.mode != LINK
            for name, digest in self._in_file(path, file).items()
        }

    def is_read(self, path: str, tree: Tree) -> bool:
        """Whether the content of a file was kept."""
        return path in tree and self.evidence.contents(tree[path].blob) is not None

    def new(self, tree: Tree, probed: Probed, base: Probed) -> frozenset[Name]:
        """The tests of a tree that the base does not have, or has with another content.

        A test that only moved, or has only another name, is not new. Of a test that no source
        names (made in a loop, inherited), only the name tells whether it is new.
        """
        now, then = self.tests(tree), self.tests(self.evidence.work.base_tree)
        gone = {name: digest for name, digest in then.items() if name not in now}
        moved, known = set(gone.values()), names_in(base) | then.keys()
        changed = {n for n, d in now.items() if n in then and then[n] != d}
        added = {n for n, d in now.items() if n not in known and d not in moved}
        renamed = self._renamed(self.evidence.work.base_tree, gone, tree, sorted(added))
        unnamed = {n for n in names_in(probed) if n not in now and n not in known}
        return frozenset(changed | (added - set(renamed.values())) | unnamed)

    def twins(
        self, then: Tree, names: Iterable[Name], now: Tree, candidates: Iterable[Name]
    ) -> dict[Name, Name]:
        """What tests of one tree are called in another: moved, renamed, or both."""
        before, after = self.tests(then), self.tests(now)
        wanted, left = list(names), dict.fromkeys(candidates)
        twins: dict[Name, Name] = {}
        for name in wanted:
            digest = before.get(name)
            found = next((c for c in left if digest and after.get(c) == digest), None)
            if found:
                twins[name] = found
                del left[found]
        missing = {name: before.get(name, "") for name in wanted if name not in twins}
        renamed = self._renamed(then, missing, now, left)
        for name in missing:
            if found := renamed.get(name) or next(
                (c for c in left if _leaf(c) == _leaf(name)), None
            ):
                twins[name] = found
                left.pop(found, None)
        return twins

    def _renamed(
        self, then: Tree, names: Iterable[Name], now: Tree, candidates: Iterable[Name]
    ) -> dict[Name, Name]:
        """Tests that have the same content but for their name."""
        after, found = self.tests(now), dict[Name, Name]()
        pairs = ((old, new) for new in list(candidates) for old in list(names))
        for old, new in islice(pairs, _MOST_RENAMINGS):
            if old in found or new in found.values() or _leaf(old) == _leaf(new):
                continue
            if after.get(new, "") in self._digests_as(then, old, _leaf(new)):
                found[old] = new
        return found

    def _digests_as(self, tree: Tree, name: Name, leaf: str) -> Iterator[str]:
        """The digest that a test would have under another name."""
        file = tree.get(name[0])
        content = self.evidence.contents(file.blob) if file else None
        if content and _leaf(name):
            old, new = re.escape(_leaf(name).encode()), leaf.encode()
            again = re.sub(rb"(?<!\w)" + old + rb"(?!\w)", lambda _: new, content)
            tests = tests_of(name[0], again)
            yield from (digest for found, digest in tests.items() if _leaf(("", found)) == leaf)

    def _in_file(self, path: str, file: File) -> dict[str, str]:
        key = (path, file.blob)
        if key not in self._read:
            content = self.evidence.contents(file.blob) if file.blob else None
            found = tests_of(path, content) if content is not None else {}
            self._read[key] = {_plain(name): digest for name, digest in found.items()}
        return self._read[key]


def _plain(name: str) -> str:
    return name.partition("[")[0].replace(" > ", "::")


def _leaf(name: Name) -> str:
    return _plain(name[1]).rpartition("::")[2]
