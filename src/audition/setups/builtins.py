"""The agents that Claude Code brings along, described in our own words.

They compete with the user's agents for every request, so a roster without them would flatter.
"""

from audition.setups.setup import Agent

_READ_ONLY = ("Agent", "Edit", "NotebookEdit", "Write")

BUILTINS = (
    Agent(
        name="claude",
        description=(
            "Takes on any piece of work with all tools, as the main conversation itself would. "
            "The fallback where no other agent is a clear match."
        ),
        builtin=True,
    ),
    Agent(
        name="Explore",
        description=(
            "Searches a code base quickly without changing it: finds files by pattern, looks for "
            "names and texts, and answers how something works. Say how thorough it should be."
        ),
        disallowed_tools=_READ_ONLY,
        builtin=True,
    ),
    Agent(
        name="general-purpose",
        description=(
            "Handles open-ended research and tasks of several steps, such as a search that may "
            "need more than a few attempts before the right place is found."
        ),
        builtin=True,
    ),
    Agent(
        name="Plan",
        description=(
            "Works out how a change should be made before anybody makes it: reads the code, weighs "
            "the options and returns the steps and the files that matter. Changes nothing."
        ),
        disallowed_tools=_READ_ONLY,
        builtin=True,
    ),
    Agent(
        name="statusline-setup",
        description="Sets up what the status line of the terminal shows.",
        tools=("Read", "Edit"),
        builtin=True,
    ),
)
