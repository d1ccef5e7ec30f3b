"""The key that pays for a job is in nothing that an agent can read, and in nothing that is kept."""

from pathlib import Path

from audition.events import Change, ToolResult
from tests.conftest import Cli, Project
from tests.integration.jobs import BRIEF, CANCEL, KEY, OUT, Audition, bash, delegate, make_job, only
from tests.servers import answer, call, conversing, serving, status

CASE = f"""\
  - id: one
    request: {CANCEL}
    expect: [changes: env.txt]
"""
SEARCH = (
    "env; cat /proc/1/environ /proc/self/environ; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline; "
    "ls -a / /user /proc/1/cwd/; grep -rs canary /etc /tmp /user /workspace /trace; echo searched; "
    "cat /proc/[0-9]*/environ > env.txt; env >> env.txt"
)


def files_with(text: str, folder: Path) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in files if text.encode() in path.read_bytes()]


def test_an_agent_that_looks_for_the_key_in_its_sandbox_finds_none(
    project: Project, play: Audition
) -> None:
    make_job(project, CASE)
    script = {
        CANCEL: [delegate(("backend", BRIEF)), answer("Done.")],
        BRIEF: [bash(SEARCH), answer("Looked.")],
    }
    with serving(conversing(script)) as server:
        said = play(server.url)
    run, trial = only()
    evidence = run.evidence(trial)
    (found,) = (r.content for r in evidence.of(ToolResult) if r.agent == "backend")
    (changed,) = evidence.of(Change)

    assert said.code == 0, said.out
    assert all(KEY in str(request.headers) for request in server.requests)
    assert "searched" in found
    assert "PATH=" in found
    assert KEY not in found
    assert "ANTHROPIC" not in found
    assert changed.file.path == "env.txt"
    assert changed.file.after is not None
    assert "PATH=" in (text := evidence.text(changed.file.after) or "")
    assert KEY not in text


def test_a_server_that_echoes_the_key_gets_it_neither_into_a_command_nor_into_any_file(
    project: Project, play: Audition, cli: Cli
) -> None:
    make_job(project, CASE)
    script = {
        CANCEL: [delegate(("backend", BRIEF)), answer(f"Your key is {KEY}.")],
        BRIEF: [
            answer(f"I use {KEY}.", call("Bash", {"command": f"echo 'key={KEY}' | tee env.txt"})),
            answer("Wrote it."),
        ],
    }
    with serving(conversing(script)) as server:
        said = play(server.url, "--record")
    told = [cli("show", OUT), cli("show", OUT, "--trial", "one#1"), cli("report", OUT)]
    told += [cli("show", OUT, "--format", form) for form in ("json", "csv", "markdown")]
    run, trial = only()
    evidence = run.evidence(trial)
    (written,) = evidence.of(Change)

    assert said.code == 0, said.out
    assert written.file.after is not None
    assert evidence.text(written.file.after) == "key=[hidden]\n"
    assert "key=[hidden]" in server.requests[2].results[0]
    assert KEY not in repr(evidence.trace)
    assert KEY not in "".join(spoken.out + spoken.err for spoken in [said, *told])
    assert files_with(KEY, project.root) == []
    assert "[hidden]" in (project.root / "recordings/suite.jsonl").read_text("utf-8")


def test_an_error_in_the_middle_of_a_job_that_quotes_the_key_is_told_without_it(
    project: Project, play: Audition
) -> None:
    make_job(project, CASE)
    quoting = status(400, f'{{"error": {{"message": "bad key {KEY}"}}}}')
    script = {CANCEL: [delegate(("backend", BRIEF))], BRIEF: [bash("ls"), quoting]}
    with serving(conversing(script)) as server:
        said = play(server.url)
    _, trial = only()

    assert said.code == 4
    assert trial.verdict == "fault"
    assert "bad key [hidden]" in said.out + "".join(s.reason for s in trial.scores)
    assert files_with(KEY, project.root) == []
