"""Coverage as files: a report to read, a table to sort, pictures of the flows and the commands, and the tests themselves."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from duologue.flows.flow import Flow
from duologue.project.project_reader import ProjectReading
from duologue.testing.e2e.coverage import Coverage, FlowCoverage
from duologue.testing.e2e.output.command_picture import draw_commands
from duologue.testing.e2e.output.flow_picture import draw_flows
from duologue.testing.e2e.output.result_files import format_results
from duologue.testing.e2e.report import E2eReport

_COLUMNS = ("flow", "file", "steps", "percent", "percent_by_passed", "uncovered_steps", "lines")


def write_coverage_files(report: E2eReport, folder: Path, reading: ProjectReading) -> list[Path]:
    """Write them all into a folder; where they are.

    Args:
        reading: the project, for its flows and for the places of their steps.
    """
    coverage = report.coverage or Coverage()
    places = {key: place for flow in coverage.flows for key, place in _list_places(flow, reading)}
    named = reading.definition.config.assistant_id if reading.definition else ""
    texts = {
        "coverage.yml": format_yaml(coverage, places),
        "coverage.csv": format_csv(coverage, places),
        "flows.svg": draw_flows(
            _list_flows(reading), coverage, places, title=named or reading.root.name or "Flows"
        ),
        "commands.svg": draw_commands(coverage),
        "passed.yml": format_results(report.passed),
        "failed.yml": format_results(result for result in report.results if not result.is_passed),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return [folder / name for name in texts]


def _list_flows(reading: ProjectReading) -> tuple[Flow, ...]:
    flows = reading.definition.flows if reading.definition else ()
    return tuple(flow for flow in flows if not flow.is_pattern)


def _list_places(flow: FlowCoverage, reading: ProjectReading) -> Iterator[tuple[tuple[str, str], str]]:
    for step_id in _list_steps(flow, reading):
        place = reading.places.find("step", flow.flow_id, step_id)
        if place is not None:
            yield (flow.flow_id, step_id), str(place)


def _list_steps(flow: FlowCoverage, reading: ProjectReading) -> list[str]:
    known = {one.id: one for one in _list_flows(reading)}
    return [step.id for step in known[flow.flow_id].steps] if flow.flow_id in known else []


def format_yaml(coverage: Coverage, places: Mapping[tuple[str, str], str]) -> str:
    """The report: each flow with the steps that no test came through, and where they stand."""
    lines = [f"percent: {coverage.percent:.1f}", f"steps: {coverage.steps}", "flows:"]
    for flow in coverage.flows:
        lines += [
            f"  - flow: {_quote(flow.flow_id)}",
            f"    percent: {flow.percent:.1f}",
            f"    percent_by_passed: {flow.percent_by_passed:.1f}",
            f"    steps: {flow.steps}",
            *_format_steps("uncovered", flow, flow.missed, places),
            *_format_steps("uncovered_by_passed", flow, flow.missed_by_passed, places),
        ]
    if not coverage.flows:
        lines[-1] += " []"
    for key, counts in (
        ("commands_in_passed", coverage.commands_in_passed),
        ("commands_in_failed", coverage.commands_in_failed),
    ):
        lines.append(f"{key}: {{}}" if not counts else f"{key}:")
        lines += [f"  {_quote(name)}: {number}" for name, number in counts.items()]
    return "\n".join([*lines, ""])


def _format_steps(
    key: str, flow: FlowCoverage, steps: tuple[str, ...], places: Mapping[tuple[str, str], str]
) -> Iterator[str]:
    if not steps:
        yield f"    {key}: []"
        return
    yield f"    {key}:"
    for step_id in steps:
        file, _, line = places.get((flow.flow_id, step_id), "").rpartition(":")
        place = f", file: {_quote(file)}, line: {line}" if file else ""
        yield f"      - {{step: {_quote(step_id)}{place}}}"


def format_csv(coverage: Coverage, places: Mapping[tuple[str, str], str]) -> str:
    """A line for each flow, and one for all of them."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for flow in coverage.flows:
        found = [places.get((flow.flow_id, step_id), "").rpartition(":") for step_id in flow.missed]
        files = dict.fromkeys(file for file, _, _ in found if file)
        numbers = (f"{flow.percent:.1f}", f"{flow.percent_by_passed:.1f}")
        missed, lines = " ".join(flow.missed), " ".join(line for _, _, line in found)
        writer.writerow([flow.flow_id, " ".join(files), flow.steps, *numbers, missed, lines])
    writer.writerow(["(all)", "", coverage.steps, f"{coverage.percent:.1f}", "", "", ""])
    return table.getvalue()


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
