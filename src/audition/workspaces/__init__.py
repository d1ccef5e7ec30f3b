"""Workspaces: the git repository that the agents of one trial work in.

    source = Source(folder=Path("workspaces/shop"))
    template = await build(source, at=folder)                # once
    async with opened(template, sandboxes) as workspace:     # for every trial
        await workspace.sandbox.run(["bash", "-c", "echo x > y"])
        seen = await workspace.look()                        # after every tool call
        outcome = await workspace.finish()

A `Source` is what a dataset says; a `Template` is its files with a repository of a few commits; a
`Workspace` is a copy of it with a sandbox around. What an agent leaves there is hostile: it is read
through descriptors of folders, never through a link, never without a bound; and git looks at it
inside of a sandbox only, with a configuration of ours.
"""
