"""Coverage as files: a report, a table, and pictures."""

import csv
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from duologue.flows.flow import Flow
from duologue.flows.steps import ActionStep, Branch, NoopStep
from duologue.project.project_reader import ProjectReading, read_project
from duologue.testing.e2e.coverage import Coverage, FlowCoverage
from duologue.testing.e2e.output.coverage_files import write_coverage_files
from duologue.testing.e2e.output.flow_layout import BOX_HEIGHT, BOX_WIDTH, lay_out
from duologue.testing.e2e.output.flow_picture import draw_flows
from tests.unit.testing.conftest import RunTests

SVG = "{http://www.w3.org/2000/svg}"
TESTS = """
test_cases:
  - {test_case: cake, steps: [{user: /order_cake}, {utter: utter_no_cake}]}
  - {test_case: coffee, steps: [{user: /order_coffee}, {utter: utter_no_cake}]}
"""


@pytest.fixture
def reading(tmp_path: Path, definition: object) -> ProjectReading:
    """The project that `definition` was read from, with its places."""
    return read_project(tmp_path / "project", environment={})


async def test_the_report_names_the_steps_that_no_test_came_through(
    run_tests: RunTests, reading: ProjectReading, tmp_path: Path
) -> None:
    report = await run_tests(TESTS, has_coverage=True)
    paths = write_coverage_files(report, tmp_path / "out", reading)
    assert [path.name for path in paths] == [
        "coverage.yml",
        "coverage.csv",
        "flows.svg",
        "commands.svg",
        "passed.yml",
        "failed.yml",
    ]
    told = yaml.safe_load(paths[0].read_text(encoding="utf-8"))
    cake, coffee = told["flows"]
    assert (cake["flow"], cake["percent"], cake["uncovered"]) == ("order_cake", 100.0, [])
    assert (coffee["percent"], coffee["percent_by_passed"]) == (16.7, 0.0)
    assert coffee["uncovered"][0] == {"step": "1_collect_cups", "file": "domain.yml", "line": 7}
    assert told["commands_in_passed"] == {"start flow": 1}
    rows = list(csv.reader(paths[1].read_text(encoding="utf-8").splitlines()))
    assert rows[2][:4] == ["order_coffee", "domain.yml", "6", "16.7"]
    assert rows[2][6].split()[:2] == ["7", "11"]
    assert 'test_case: "cake"' in paths[4].read_text(encoding="utf-8")


async def test_the_picture_shows_every_step_by_its_state(
    run_tests: RunTests, reading: ProjectReading, tmp_path: Path
) -> None:
    report = await run_tests(TESTS, has_coverage=True)
    picture = write_coverage_files(report, tmp_path / "out", reading)[2]
    text = picture.read_text(encoding="utf-8")
    root = ET.fromstring(text)
    states = [
        rect.attrib["class"]
        for group in root.iter(f"{SVG}g")
        if group.find(f"{SVG}title") is not None
        for rect in group.findall(f"{SVG}rect")
    ]
    assert (states.count("covered"), states.count("doubtful"), states.count("missed")) == (1, 1, 5)
    assert "prefers-color-scheme: dark" in text
    assert "domain.yml:7" in text
    # Nothing is loaded from elsewhere.
    assert re.findall(r"(?:href|src|url)\s*=?\(?[\"']?(?!#)\w+:", text) == []


def flow_of(targets: list[list[int]]) -> Flow:
    steps = tuple(
        NoopStep(
            id=f"s{place}",
            next=tuple(
                Branch(target="END" if t >= len(targets) else f"s{t}", condition=f"c{t}") for t in leads
            )
            or None,
        )
        for place, leads in enumerate(targets)
    )
    return Flow(id="any", name="any", steps=steps)


@given(st.lists(st.lists(st.integers(0, 14), max_size=3), min_size=1, max_size=12))
def test_any_flow_can_be_laid_out_and_no_box_covers_another(targets: list[list[int]]) -> None:
    flow = flow_of(targets)
    layout = lay_out(flow)
    assert sorted(box.step_id for box in layout.boxes) == sorted([*(step.id for step in flow.steps), "END"])
    spots = [box.top for box in layout.boxes]
    for place, one in enumerate(spots):
        for other in spots[place + 1 :]:
            assert abs(one.x - other.x) >= BOX_WIDTH or abs(one.y - other.y) >= BOX_HEIGHT
    for edge in layout.edges:
        assert all(-1 <= point.x <= layout.width for point in edge.points)


@given(st.text(min_size=1), st.text())
def test_the_picture_is_xml_whatever_an_author_wrote(name: str, condition: str) -> None:
    step = ActionStep(id=name, action=name, next=(Branch(target="END", condition=condition),))
    coverage = Coverage(flows=(FlowCoverage(flow_id=name, steps=1, missed=(name,)),))
    text = draw_flows(
        [Flow(id=name, name=name, steps=(step,))], coverage, {(name, name): "f.yml:1"}, title=name
    )
    assert ET.fromstring(text.encode("utf-8", "replace")).tag == f"{SVG}svg"


def test_an_assistant_without_flows_has_a_picture_too() -> None:
    assert ET.fromstring(draw_flows([], Coverage(), {}, title="Empty")).tag == f"{SVG}svg"
