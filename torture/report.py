"""The table of a run, as Markdown and as JSON."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from duologue.testing.journal import Journal
from torture.checker import Verdict
from torture.options import RigOptions
from torture.tally import Tally

_SHOWN_FINDINGS = 20


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a run did and found."""

    seed: int
    store: str
    locks: str
    replicas: int
    workers: int
    clients: int
    seconds: float
    faults: dict[str, int]
    conversations: int
    messages_sent: int
    messages_acknowledged: int
    requests: int
    repeated: int
    doubled: int
    shuffled: int
    left: int
    refused: dict[str, int]
    unanswered: dict[str, int]
    failed_turns: int
    effects: int
    """What actions did to the world."""
    actions_begun: int | None
    """How often actions began, where that is counted."""
    events: int
    longest_outage: float
    longest_wait: float
    counts: dict[str, int]
    """What the checker counted; all 0 in a good run."""
    strange_answers: dict[str, int]
    own_ends: list[str]
    broken_faults: list[str]
    problem: str | None
    """What kept the run from its end."""
    findings: list[str]

    @property
    def is_good(self) -> bool:
        """Whether everything that has to be 0 is 0."""
        return not (
            any(self.counts.values())
            or self.strange_answers
            or self.own_ends
            or self.broken_faults
            or self.problem
        )

    def format_markdown(self) -> str:
        """The table, followed by what was found."""
        rows = [f"| {name} | {value} |" for name, value in self._list_rows()]
        return "\n".join(["| | |", "|---|---|", *rows, *self._list_findings()]) + "\n"

    def _list_rows(self) -> Iterable[tuple[str, str]]:
        yield "seed", str(self.seed)
        yield "store, locks", f"{self.store}, {self.locks}"
        yield "servers, workers of each", f"{self.replicas}, {self.workers}"
        yield "conversations at once", str(self.clients)
        yield "time", f"{self.seconds:,.0f} s"
        yield "faults injected", f"{sum(self.faults.values()):,}: {_list_counts(self.faults)}"
        yield "messages sent, in conversations", f"{self.messages_sent:,}, {self.conversations:,}"
        yield "messages acknowledged", f"{self.messages_acknowledged:,}"
        yield "requests with a message", f"{self.requests:,}"
        yield "old messages repeated", f"{self.repeated:,}"
        yield "messages sent to all servers at once", f"{self.doubled:,}"
        yield "messages sent without waiting", f"{self.shuffled:,}"
        yield "clients that hung up before the answer", f"{self.left:,}"
        yield "turned away with 503", f"{sum(self.refused.values()):,}: {_list_counts(self.refused)}"
        yield "without an answer", f"{sum(self.unanswered.values()):,}: {_list_counts(self.unanswered)}"
        yield "turns that report a failed action", f"{self.failed_turns:,}"
        yield "effects of actions", f"{self.effects:,}"
        if self.actions_begun is not None:
            yield "times that an action began", f"{self.actions_begun:,}"
        yield "events stored", f"{self.events:,}"
        yield "longest time without any answer", f"{self.longest_outage:.1f} s"
        yield "longest wait for one answer", f"{self.longest_wait:.1f} s"
        for kind, count in self.counts.items():
            yield f"**{kind}**", f"**{count}**"
        yield "**other answers than 200 and 503**", f"**{_list_counts(self.strange_answers)}**"
        yield "**servers that ended by themselves, or did not when told**", f"**{len(self.own_ends)}**"
        if self.broken_faults:
            yield "**faults that did not work**", f"**{len(self.broken_faults)}**"
        yield "**result**", f"**{'good' if self.is_good else self.problem or 'bad'}**"

    def _list_findings(self) -> Iterable[str]:
        found = [*self.findings, *self.own_ends, *self.broken_faults]
        if found:
            yield ""
            yield from (f"- {finding}" for finding in found[:_SHOWN_FINDINGS])
        if len(found) > _SHOWN_FINDINGS:
            yield f"- and {len(found) - _SHOWN_FINDINGS} more"

    def write(self, path: Path) -> tuple[Path, Path]:
        """Write both forms, beside each other; where they went."""
        path.parent.mkdir(parents=True, exist_ok=True)
        markdown, json = path.with_suffix(".md"), path.with_suffix(".json")
        markdown.write_text(self.format_markdown(), encoding="utf-8")
        json.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")
        return markdown, json


def make_report(
    options: RigOptions,
    tally: Tally,
    journal: Journal,
    verdict: Verdict,
    *,
    seconds: float,
    problem: str | None,
    actions_begun: int | None = None,
) -> Report:
    """Put together what was counted during the run and what the checker found afterwards."""
    return Report(
        seed=options.seed,
        store=options.store,
        locks=options.locks,
        replicas=options.replicas,
        workers=options.workers,
        clients=options.clients,
        seconds=seconds,
        faults=_sort(tally.faults),
        conversations=len(journal.conversations),
        messages_sent=journal.count_sent(),
        messages_acknowledged=journal.count_acknowledged(),
        requests=tally.attempts,
        repeated=tally.repeated,
        doubled=tally.doubled,
        shuffled=tally.shuffled,
        left=tally.left,
        refused=_sort(tally.refused),
        unanswered=_sort(tally.unanswered),
        failed_turns=verdict.failed_turns,
        effects=verdict.effects,
        actions_begun=actions_begun,
        events=verdict.events,
        longest_outage=tally.longest_outage,
        longest_wait=tally.longest_wait,
        counts=verdict.count(),
        strange_answers=_sort(tally.strange_answers),
        own_ends=tally.own_ends,
        broken_faults=tally.broken_faults,
        problem=problem,
        findings=[str(finding) for finding in verdict.findings],
    )


def _sort(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _list_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "0"
