"""tox and nox, which run tests in environments of their own.

    tox                     a whole test run
    nox -s tests            not whole

What they run is in their files, which only they can read: their exit code is all that tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from audition.commands._options import read_arguments
from audition.commands._saying import Said, Use
from audition.events import FailureKind

_NARROWING = frozenset({"-e", "-s", "--session", "--sessions", "-k", "-t", "--tags", "-m", "-f"})
_NO_RUN = frozenset({"-l", "--list", "--listenvs", "--version", "-h", "--help", "--notest"})
_NO_RUN_WORDS = frozenset({"list", "l", "config", "c", "devenv", "d", "quickstart", "q", "depends"})


@dataclass(frozen=True)
class Tox:
    """`tox`, `nox`."""

    def use(self, argv: Sequence[str]) -> Use | None:
        """A test run, unless it lists or prepares."""
        if argv[0] not in ("tox", "nox"):
            return None
        arguments = read_arguments(argv[1:], _NARROWING)
        if arguments.has(_NO_RUN) or _NO_RUN_WORDS & {*arguments.alone[:1]}:
            return Use(tool=argv[0], role="other")
        whole = not arguments.has(_NARROWING) and len(arguments.alone) <= 1
        return Use(tool=argv[0], role="test", whole=whole)

    def said(self, form: str, output: str) -> tuple[Said, ...]:
        """Nothing: the output is that of the runners inside."""
        return ()

    def failure(self, tool: str, exit_code: int) -> FailureKind | None:
        """None: the code of one environment stands for all."""
        return None
