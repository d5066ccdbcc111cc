"""Rows of measurements, each beside its floor and its target; shown as a table and kept as JSON."""

import os
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

import duologue


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that was measured."""

    name: str
    value: float
    unit: str
    floor: str = ""
    """What stands beside it: the least that the same work can cost, measured in the same run."""
    floor_value: float | None = None
    target: float | None = None
    more_is_better: bool = False
    note: str = ""

    @property
    def verdict(self) -> str:
        """Whether the target is met; a target is a hope, never a reason to fail."""
        if self.target is None:
            return ""
        is_met = self.value >= self.target if self.more_is_better else self.value <= self.target
        return "met" if is_met else "not met"


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """A run of the benchmarks."""

    began: str
    is_quick: bool
    machine: dict[str, str | int | float]
    rows: list[dict[str, object]]


def describe_machine() -> dict[str, str | int | float]:
    """The facts that another run must share to be compared."""
    return {
        "duologue": duologue.__version__,
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _read_processor(),
        "cores": os.cpu_count() or 0,
        "load_before": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else -1,
    }


def _read_processor() -> str:
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        for line in facts.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def write_results(
    folder: Path, rows: Sequence[Row], *, machine: dict[str, str | int | float], is_quick: bool
) -> Path:
    """Write the run as `<timestamp>.json`; where it went."""
    folder.mkdir(exist_ok=True)
    began = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    results = Results(
        began=began,
        is_quick=is_quick,
        machine=machine,
        rows=[{**msgspec.to_builtins(row), "verdict": row.verdict} for row in rows],
    )
    path = folder / f"{began}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n")
    return path


def show_table(rows: Sequence[Row], title: str) -> None:
    """Print the rows."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for heading in ("measured", "value", "floor", "target", ""):
        table.add_column(heading, justify="right" if heading in {"value", "target"} else "left")
    for row in rows:
        floor = "" if row.floor_value is None else f"{format_number(row.floor_value)} {row.unit}  {row.floor}"
        sign = "≥" if row.more_is_better else "≤"
        target = "" if row.target is None else f"{sign} {format_number(row.target)}"
        name = f"{row.name}\n  {row.note}" if row.note else row.name
        style = {"met": "green", "not met": "yellow"}.get(row.verdict, "")
        verdict = f"[{style}]{row.verdict}[/]" if style else ""
        table.add_row(name, f"{format_number(row.value)} {row.unit}", floor, target, verdict)
    Console(width=None if sys.stdout.isatty() else 150).print(table)


def format_number(value: float) -> str:
    """Three digits that matter, never an exponent."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 0.001 or value == 0 else f"{value:.5f}"
