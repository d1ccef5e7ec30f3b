"""Trees that no step ever held, put together to be run, and what is told of a run."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from audition.evidence import Evidence
from audition.outcome import LintFinding, Probed, TestResult
from audition.project import Project, Role, fits
from audition.score import Score
from audition.trees import File, Tree

CONFIGURATION = (
    "conftest.py",
    "pytest.ini",
    ".pytest.ini",
    "pytest.toml",
    ".pytest.toml",
    "pyproject.toml",
    "setup.cfg",
    "tox.ini",
    ".coveragerc",
    "noxfile.py",
    "sitecustomize.py",
    "usercustomize.py",
    "*.pth",
    "package.json",
    "Makefile",
    "makefile",
    "GNUmakefile",
    "justfile",
    ".npmrc",
    ".mocharc.*",
    ".taprc",
    "*.config.*",
    "*.workspace.*",
    "tsconfig*.json",
    "jsconfig.json",
    "ruff.toml",
    ".ruff.toml",
    ".flake8",
    ".pylintrc",
    "pylintrc",
    "mypy.ini",
    ".mypy.ini",
    ".eslintrc*",
    ".eslintignore",
    ".prettierrc*",
    ".prettierignore",
    "biome.json*",
    ".oxlintrc.json",
    # With `python -m`, a module of the workspace comes before the installed one of its name.
    "/pytest.py",
    "/pytest/**",
    "/_pytest/**",
    "/pluggy/**",
    "/unittest.py",
    "/unittest/**",
    "/ruff.py",
    "/ruff/**",
)
"""What can answer for tests and linters instead of the code, read as in a `.gitignore`."""


@lru_cache(maxsize=65_536)
def is_configuration(path: str) -> bool:
    """Whether the file says how tests or linters are run."""
    return fits(path, CONFIGURATION)


@lru_cache(maxsize=65_536)
def role_in(project: Project, path: str) -> Role:
    """The role of a file; trees of many steps ask for the same paths again and again."""
    return project.role(path)


def laid_over(tree: Tree, other: Tree, takes: Callable[[str], bool]) -> dict[str, File]:
    """A tree in which the files that `takes` names are those of the other."""
    kept = {path: file for path, file in tree.items() if not takes(path)}
    return {**kept, **{path: file for path, file in other.items() if takes(path)}}


def with_tests_of(evidence: Evidence, tree: Tree, other: Tree) -> dict[str, File]:
    """A tree with the tests, and with the configuration, of another."""

    def takes(path: str) -> bool:
        return role_in(evidence.project, path) == "tests" or is_configuration(path)

    return laid_over(tree, other, takes)


def same_files(evidence: Evidence, one: Tree, other: Tree, *roles: str) -> bool:
    """Whether two trees hold the same files of these roles."""

    def of(tree: Tree) -> dict[str, File]:
        return {
            path: file for path, file in tree.items() if role_in(evidence.project, path) in roles
        }

    return of(one) == of(other)


def unusable(runs: Iterable[tuple[str, Probed]]) -> Score | None:
    """A fault where two runs of the same tree disagreed; each run comes with what it ran."""
    for what, probed in runs:
        if not probed.is_stable:
            reason = f"unstable: two runs of {what} did not agree, so nothing can rest on them"
            return Score(verdict="fault", reason=reason)
    return None


def cannot_judge(base: Probed, what: str = "tests") -> Score | None:
    """A fault where not even the base can be run: that is not the agent's doing."""
    if base.failure in ("no_runner", "usage", "timeout"):
        reason = f"the project's {what} cannot be run on the base: {base.failure}"
        return Score(verdict="fault", reason=reason)
    return unusable([("the base", base)])


def failing(probed: Probed, *, overruled: Sequence[str] = ()) -> tuple[TestResult, ...]:
    """The tests that failed, without those that a request overrules."""
    failed = (test for test in probed.tests if test.outcome == "failed")
    return tuple(test for test in failed if not is_overruled(test.id, overruled))


def is_overruled(test: str, overruled: Sequence[str]) -> bool:
    """Whether an id is named whole, without its parameters, or by its class or file."""
    names = (test, test.partition("[")[0])
    return any(name == one or name.startswith(f"{one}::") for name in names for one in overruled)


def ran(probed: Probed) -> int:
    """How many tests were run to a verdict: what is skipped is not."""
    return sum(test.outcome != "skipped" for test in probed.tests)


def trouble(probed: Probed, *, overruled: Sequence[str] = ()) -> str:
    """Why the tests do not pass, as the end of a sentence; empty where they do.

    Passing needs a test that was run. An exit code other than 0 with no failed test in the list is
    trouble too, unless what failed is overruled.
    """
    if probed.failure is not None:
        return f"no test could be run ({probed.failure})"
    wrong = failing(probed, overruled=overruled)
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        kind = f" ({wrong[0].failure})" if wrong[0].failure else ""
        return f"{wrong[0].id} fails{kind}{more}"
    if not ran(probed):
        return "no test was run"
    if probed.exit_code != 0 and not failing(probed):
        return f"no test failed, and yet the run ended with {probed.exit_code}"
    return ""


def new_findings(before: Probed, after: Probed) -> tuple[LintFinding, ...]:
    """The findings that are not among the old ones, each old one counted once."""
    known = Counter(_kind(finding) for finding in before.findings)
    new = []
    for finding in after.findings:
        known[_kind(finding)] -= 1
        if known[_kind(finding)] < 0:
            new.append(finding)
    return tuple(new)


def _kind(finding: LintFinding) -> tuple[str, str, str]:
    """A finding without its place; messages name lines and columns too."""
    return finding.path, finding.rule, re.sub(r"\d+", "#", finding.message)
