from audition.setups.builtins import BUILTINS


def test_built_in_agents_have_the_names_a_model_may_send_work_to() -> None:
    names = [agent.name for agent in BUILTINS]

    assert names == ["claude", "Explore", "general-purpose", "Plan", "statusline-setup"]
    assert all(agent.builtin and agent.description for agent in BUILTINS)


def test_agents_that_only_read_are_offered_no_tool_that_writes() -> None:
    listed = {agent.name: agent.listed_tools for agent in BUILTINS}

    assert listed["Explore"] == listed["Plan"]
    assert listed["Plan"] == "All tools except Agent, Edit, NotebookEdit, Write"
    assert listed["claude"] == "All tools"
