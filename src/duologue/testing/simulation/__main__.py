"""`python -m duologue.testing.simulation`: many worlds, one after the other, until one is wrong."""

import argparse
import logging
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import islice

from duologue.testing.simulation.run import SimulationReport, add_up, simulate


def main() -> int:
    """Run the worlds; the exit code is 1 if anything was lost, doubled or out of order."""
    options = _parse_options()
    first = options.seed if options.seed is not None else time.time_ns() % 1_000_000_000
    print(f"First seed: {first}", flush=True)
    began = time.perf_counter()
    reports: list[SimulationReport] = []
    turns = 0
    with ProcessPoolExecutor(options.processes, initializer=_be_quiet) as pool:
        seeds = iter(range(first, first + options.worlds))
        while batch := list(islice(seeds, options.processes * 8)):
            reports += pool.map(simulate, batch)
            turns = sum(report.turns for report in reports)
            if any(report.faults for report in reports):
                break
            if sys.stderr.isatty():
                print(f"\r{turns:,} turns …", end="", file=sys.stderr, flush=True)
    seconds = time.perf_counter() - began
    return _tell(reports, turns, seconds)


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m duologue.testing.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="of the first world; the others follow it [default: chance]")
    parser.add_argument(
        "--worlds", type=int, default=500, help="how many, each of 200 messages [default: 500]"
    )
    parser.add_argument("--processes", type=int, default=2, help="at the same time [default: 2]")
    return parser.parse_args()


def _be_quiet() -> None:
    # Failed turns are what this is about; their tracebacks would fill the screen.
    logging.disable(logging.CRITICAL)


def _tell(reports: list[SimulationReport], turns: int, seconds: float) -> int:
    messages = sum(report.messages for report in reports)
    print(
        f"\n{turns:,} turns for {messages:,} messages in {len(reports):,} worlds; {turns / seconds * 60:,.0f} turns a"
        " minute"
    )
    for kind, times in sorted(add_up(reports).items()):
        print(f"{times:>10,}  {kind}")
    wrong = [report for report in reports if report.faults]
    for report in wrong:
        print(f"\nWRONG with seed {report.seed} (again: --seed {report.seed} --worlds 1):")
        for fault in report.faults:
            print(f"  {fault}")
    if not wrong:
        print("Lost 0, doubled 0, out of order 0, answered in two ways 0.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
