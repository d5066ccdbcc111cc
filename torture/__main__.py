"""`python -m torture`: servers under load and under faults, then the count of what was lost, doubled or reordered."""

import argparse
import asyncio
import secrets
import sys
from pathlib import Path

from duologue.serving.process import find_loop_factory
from torture.options import LOCKS, STORES, RigOptions
from torture.run import ALL_FAULTS, run


def main() -> None:
    """Run, show the table, and exit with 1 if anything is not as it should be."""
    options = _parse_options()
    print(f"seed {options.seed}", flush=True)
    try:
        with asyncio.Runner(loop_factory=find_loop_factory()) as runner:
            report = runner.run(run(options))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("Broken off; everything that was started has ended.", file=sys.stderr)
        sys.exit(130)
    print(report.format_markdown(), end="")
    if options.report is not None:
        for path in report.write(options.report):
            print(f"Kept in {path}")
    sys.exit(not report.is_good)


def _parse_options() -> RigOptions:
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    parser.add_argument("--turns", type=int, default=1000, help="messages to be answered (%(default)s)")
    parser.add_argument("--minutes", type=float, default=60, help="the longest time (%(default)s)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="of all chance")
    parser.add_argument("--replicas", type=int, default=2, help="server processes (%(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="workers of each server (%(default)s)")
    parser.add_argument("--clients", type=int, default=64, help="conversations at once (%(default)s)")
    parser.add_argument("--store", choices=STORES, default="postgresql", help="(%(default)s)")
    parser.add_argument(
        "--locks", choices=LOCKS, default="", help="(valkey with postgresql, none with sqlite)"
    )
    parser.add_argument(
        "--setting", action="append", default=[], help="of PostgreSQL, such as synchronous_commit=off"
    )
    parser.add_argument(
        "--faults", default="all", help=f"comma-separated, or all, or none: {', '.join(ALL_FAULTS)}"
    )
    parser.add_argument(
        "--pause", type=float, default=3, help="seconds between two faults, on average (%(default)s)"
    )
    parser.add_argument("--report", type=Path, help="write the table to FILE.md and FILE.json")
    parser.add_argument("--folder", type=Path, help="keep the run's files here")
    given = parser.parse_args()
    return RigOptions(
        seed=given.seed,
        turns=given.turns,
        minutes=given.minutes,
        replicas=given.replicas,
        workers=given.workers,
        clients=given.clients,
        store=given.store,
        locks=given.locks or ("valkey" if given.store == "postgresql" else "none"),
        settings=tuple(given.setting),
        faults=_read_faults(given.faults, parser),
        pause=given.pause,
        report=given.report,
        folder=given.folder,
    )


def _read_faults(text: str, parser: argparse.ArgumentParser) -> tuple[str, ...]:
    if text in ("all", "none"):
        return ALL_FAULTS if text == "all" else ()
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in ALL_FAULTS:
            parser.error(f"there is no fault {name!r}; there are: {', '.join(ALL_FAULTS)}")
    return names


if __name__ == "__main__":
    main()
