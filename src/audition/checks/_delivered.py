"""What a trial hands over, for the checks that run it."""

from audition.evidence import Evidence
from audition.score import Score, failed
from audition.trees import File


def delivered_tree(evidence: Evidence) -> dict[str, File]:
    """HEAD's tree where commits made it another than the base's, else the working tree."""
    return evidence.delivered_tree(committed=bool(evidence.work.head_files))


def nothing_delivered(evidence: Evidence) -> Score | None:
    """A fail where nothing is handed over: no check passes on emptiness."""
    if evidence.delivered(committed=bool(evidence.work.head_files)):
        return None
    return failed("nothing was changed, so there is nothing to judge", evidence=last(evidence))


def last(evidence: Evidence) -> tuple[int, ...]:
    """The last event, which is all there is to show for what did not happen."""
    return tuple(event.number for event in evidence.trace[-1:])
