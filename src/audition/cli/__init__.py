"""The command line: one thin file for each command, imported when it is used."""

import importlib
import os
import sys

import click

from audition.errors import AuditionError
from audition.version import __version__

COMMANDS = {
    "init": "Draft a suite and a dataset from the definitions in a folder.",
    "run": "Play the trials of one or more suites.",
    "validate": "Show that a suite can judge, before anything is spent.",
    "show": "Print a run: summary, failing cases, or one whole trial.",
    "files": "Lay out the workspace of a trial as it was after any event.",
    "report": "Write the HTML report of a run.",
    "affected": "Say which cases a change touches, why, and what judging it would cost.",
    "compare": "Compare two revisions of the definitions, case by case.",
    "plan": "Say how large a gate has to be, what it would see and cost.",
    "gate": "Decide whether a change of the definitions may go in.",
    "history": "Say what a folder of runs says together: trends, drift, what changed last night.",
    "regrade": "Score a stored run again with the checks of today.",
    "roster": "List the agents of a setup, and what reading them lost.",
    "explain": "Print the manual of a check, a model or a runtime.",
    "schema": "Print the JSON Schema of a dataset or a suite.",
    "doctor": "Say what works on this machine, and how to mend what does not.",
}
"""Name and first line of help, kept here so that `--help` imports no command."""


class LazyGroup(click.Group):
    """A group whose commands are imported one at a time, when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of a user's day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"audition.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version")
def audition() -> None:
    """Evaluate agent definitions: replay requests, judge the evidence, report."""


def main() -> None:
    """Run the command line; the one place where an error becomes a message and an exit code."""
    try:
        code = audition.main(standalone_mode=False)
    except BrokenPipeError:
        # The reader of our output has left; the interpreter must not fail on it either at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except AuditionError as error:
        _complain(str(error))
        code = error.exit_code
    except OSError as error:
        # A folder that cannot be written, a full disk: the user's to mend, and no failed case.
        reason = (error.strerror or str(error)).lower()
        _complain(f"{error.filename or 'a file'}: {reason}; mend that, or give another place")
        code = AuditionError.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = 130
    sys.exit(code if isinstance(code, int) else 0)


def _complain(text: str) -> None:
    from audition.cli._output import say
    from audition.inert import inert

    say(inert(text, keep_layout=True), err=True)
