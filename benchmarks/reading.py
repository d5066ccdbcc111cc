"""How long reading a project takes, beside the YAML parser alone."""

import time
from pathlib import Path

from benchmarks.made_project import FLOWS, write_large_data, write_project
from benchmarks.results import Row
from duologue.project.project_reader import read_project
from duologue.project.yaml_reader import parse_yaml


def measure_reading(folder: Path, *, is_quick: bool) -> list[Row]:
    """Reads the made project as it is, then with much training data."""
    project = write_project(folder / "project")
    texts = [path.read_text(encoding="utf-8") for path in project.rglob("*.yml")]
    rows = [_make_row(f"reading a project, {FLOWS} flows", project, texts)]
    size = write_large_data(project / "data" / "nlu.yml", megabytes=1 if is_quick else 5)
    texts = [path.read_text(encoding="utf-8") for path in project.rglob("*.yml")]
    return [*rows, _make_row(f"reading a project with {size / 1_000_000:.0f} MB of examples", project, texts)]


def _make_row(name: str, project: Path, texts: list[str]) -> Row:
    floor_began = time.perf_counter()
    for text in texts:
        parse_yaml(text)
    floor = time.perf_counter() - floor_began
    began = time.perf_counter()
    read_project(project, environment={}).require_definition()
    seconds = time.perf_counter() - began
    return Row(name=name, value=seconds, unit="s", floor="the YAML parser alone", floor_value=floor)
