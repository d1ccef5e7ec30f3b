"""The delivered change touches these paths.

Passes when for every glob at least one path is created, modified or deleted. Globs are read as in a
`.gitignore`; one that begins with `!` takes out again what the others name. A path that was changed
on the way and is at the end as it was at the beginning is not touched.

    expect:
      - changes: CHANGELOG.md
      - changes: ["migrations/*.sql", "shop/models/**", "!shop/models/legacy/**"]
      - changes: {paths: docs/**, delivered: worktree}

`delivered` says what is handed over: `commit` is HEAD's tree, `worktree` the working tree. Without
it, HEAD's tree counts where it is another than the one the trial began with, else the working tree.

Needs: agents at work in a workspace, to the end.
pass: the delivered change adds a line to CHANGELOG.md.
fail: it does not, or only in the working tree while the rest is committed; or nothing is delivered.
skip: the request went to the wrong agent, or nobody worked in a workspace.
fault: the provider or the sandbox failed.
"""

from dataclasses import dataclass
from typing import ClassVar

from audition.checks._work import Globs, Handover, as_globs, delivered, last_number, listed
from audition.evidence import Evidence, Need
from audition.project import fits
from audition.score import Kind, Score, failed, passed


@dataclass(frozen=True)
class Changes:
    """Every glob names a path of the delivered change."""

    paths: Globs
    """One glob or several; each has to be touched."""
    delivered: Handover | None = None
    """What is handed over; without it HEAD where its tree changed, else the working tree."""

    kind: ClassVar[Kind] = "outcome"
    needs: ClassVar[frozenset[Need]] = frozenset({"work"})

    def score(self, evidence: Evidence) -> Score:
        """Judge the delivered change."""
        globs = as_globs(self.paths)
        exceptions = tuple(glob for glob in globs if glob.startswith("!"))
        wanted = [glob for glob in globs if glob not in exceptions] or ["*"]
        touched = [change.path for change in delivered(evidence, self.delivered)]
        expected, found = f"changes in {', '.join(globs)}", listed(touched)
        hits = {
            glob: [path for path in touched if fits(path, (glob, *exceptions))] for glob in wanted
        }
        missed = [glob for glob, paths in hits.items() if not paths]
        if missed:
            return failed(
                f"the delivered change touches nothing that {' or '.join(missed)} names",
                expected=expected,
                found=found,
                evidence=last_number(evidence),
            )
        paths = tuple(dict.fromkeys(path for paths in hits.values() for path in paths))
        reason = f"the delivered change touches {listed(paths)}"
        return passed(reason, expected=expected, found=found, evidence=paths[:20])
