"""A rung that tried and could not: what it spent stays in evidence, and the next rung is asked."""

from duologue.core.understanding import Evidence


class RungFailedError(Exception):
    """A rung gave up on a message; `evidence` says why and what it cost. It has told the log already."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(evidence.reason)
        self.evidence = evidence
