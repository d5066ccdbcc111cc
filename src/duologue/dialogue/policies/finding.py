"""What is wrong with stories and rules, at their file and line."""

import msgspec

from duologue.core.errors import DefinitionError


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One finding about stories or rules."""

    message: str
    """What is wrong and how to mend it."""
    source: str = ""
    """`file:line` of the story or rule it stands in; empty if nobody said."""
    step: int | None = None
    """Position of the step that it is about, among the steps of that story or rule and then its conditions."""
    sources: tuple[str, ...] = ()
    """Every story and rule that has to do with it."""
    is_error: bool = True
    """An assistant cannot be trained with it."""

    def format(self) -> str:
        """`file:line: error: what`."""
        kind = "error" if self.is_error else "warning"
        return f"{self.source}: {kind}: {self.message}" if self.source else f"{kind}: {self.message}"


class ContradictionError(DefinitionError):
    """Rules and stories do not go together, so that no policy can be trained."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(finding.format() for finding in findings))
        self.findings = findings
