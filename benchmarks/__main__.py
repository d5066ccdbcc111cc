"""`python -m benchmarks`: run the measurements, show them, and keep them as a file."""

import argparse
import asyncio
import inspect
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import cast

from benchmarks.measured_assistant import make_folder
from benchmarks.nlu import main as measure_pipelines
from benchmarks.results import Row, describe_machine, show_table, write_results
from duologue.serving.process import find_loop_factory

MEASUREMENTS = {
    "turn": "benchmarks.turn_cost:measure_turn_cost",
    "classic": "benchmarks.classic:measure_classic_turn",
    "growth": "benchmarks.growth:measure_growth",
    "throughput": "benchmarks.throughput:measure_throughput",
    "stores": "benchmarks.stores:measure_stores",
    "actions": "benchmarks.remote_actions:measure_remote_actions",
    "readiness": "benchmarks.readiness:measure_readiness",
    "understanding": "benchmarks.understanding:measure_understanding",
    "reading": "benchmarks.reading:measure_reading",
}


def main() -> None:
    if sys.argv[1:2] == ["nlu"]:
        measure_pipelines(sys.argv[2:])
        return
    options = _parse_options()
    machine = describe_machine()
    rows: list[Row] = []
    for name in options.names or MEASUREMENTS:
        print(f"measuring: {name} …", file=sys.stderr, flush=True)
        rows += _run_measurement(name, is_quick=options.quick)
    facts = f"{machine['system']}, {machine['cores']} cores, Python {machine['python']}, load {machine['load_before']}"
    show_table(rows, f"Duologue {machine['duologue']} on {facts}")
    path = write_results(options.output, rows, machine=machine, is_quick=options.quick)
    print(f"Kept in {path}")


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", choices=[*MEASUREMENTS, []], help=" ".join(MEASUREMENTS)
    )
    parser.add_argument(
        "--quick", action="store_true", help="fewer rounds: a first impression in well under a minute"
    )
    parser.add_argument("--output", type=Path, default=Path("bench-results"), help="folder for the results")
    return parser.parse_args()


def _run_measurement(name: str, *, is_quick: bool) -> list[Row]:
    module, _, function = MEASUREMENTS[name].partition(":")
    measure = cast(
        "Callable[..., list[Row] | Awaitable[list[Row]]]", getattr(import_module(module), function)
    )
    with make_folder() as folder:
        found = measure(folder, is_quick=is_quick)
        if not inspect.isawaitable(found):
            return cast("list[Row]", found)
        with asyncio.Runner(loop_factory=find_loop_factory()) as runner:  # the event loop that servers have
            return runner.run(_wait_for(found))


async def _wait_for(found: Awaitable[list[Row]]) -> list[Row]:
    return await found


if __name__ == "__main__":
    main()
