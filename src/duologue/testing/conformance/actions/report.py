"""What the suite found, for people and for programs."""

from enum import StrEnum

import msgspec

from duologue.testing.conformance.actions.check import Part
from duologue.testing.conformance.actions.door import Transport


class Verdict(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"
    SKIPPED = "skipped"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one check over one transport."""

    check: str
    part: Part
    transport: Transport
    verdict: Verdict
    reason: str = ""
    """One sentence, unless the promise is kept."""
    seconds: float = 0.0
    is_unreachable: bool = False
    """Nobody answered at the server's address, so nothing more was tried."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was found."""

    findings: tuple[Finding, ...]

    @property
    def is_conformant(self) -> bool:
        """Nothing was broken."""
        return not self.find(Verdict.BROKEN)

    def find(self, verdict: Verdict) -> tuple[Finding, ...]:
        """The findings of one kind."""
        return tuple(finding for finding in self.findings if finding.verdict is verdict)

    def format_text(self) -> str:
        """A line for each promise that is broken or was not tried, and the numbers."""
        lines = [
            f"{finding.verdict.upper():8}{finding.transport:5} {finding.check}: {finding.reason}"
            for finding in self.findings
            if finding.verdict is not Verdict.KEPT
        ]
        counts = ", ".join(f"{len(self.find(verdict))} {verdict}" for verdict in Verdict)
        return "\n".join([*lines, f"{len(self.findings)} promises: {counts}."])

    def format_json(self) -> bytes:
        """The findings as JSON."""
        content = {"conformant": self.is_conformant, "findings": self.findings}
        return msgspec.json.format(msgspec.json.encode(content), indent=2)
