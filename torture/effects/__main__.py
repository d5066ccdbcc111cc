"""`python -m torture.effects`: calls of actions under kills on both sides, then the count of effects."""

import argparse
import asyncio
import secrets
import sys
from pathlib import Path

from duologue.serving.process import find_loop_factory
from torture.effects.faults import FAULTS
from torture.effects.options import EFFECTS, MESSAGE_FAULTS, EffectsOptions
from torture.effects.run import run_effects
from torture.options import STORES


def main() -> None:
    """Run, show the table, and exit with 1 if anything is not as it should be."""
    options = _parse_options()
    print(f"seed {options.seed}", flush=True)
    try:
        with asyncio.Runner(loop_factory=find_loop_factory()) as runner:
            report = runner.run(run_effects(options))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("Broken off; everything that was started has ended.", file=sys.stderr)
        sys.exit(130)
    print(report.format_markdown(), end="")
    if options.report is not None:
        for path in report.write(options.report):
            print(f"Kept in {path}")
    sys.exit(not report.is_good)


def _parse_options() -> EffectsOptions:
    parser = argparse.ArgumentParser(prog="python -m torture.effects", description=__doc__)
    parser.add_argument("--calls", type=int, default=1000, help="of the action (%(default)s)")
    parser.add_argument("--minutes", type=float, default=60, help="the longest time (%(default)s)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="of all chance")
    parser.add_argument("--replicas", type=int, default=2, help="assistant servers (%(default)s)")
    parser.add_argument("--action-workers", type=int, default=2, help="of the action server (%(default)s)")
    parser.add_argument("--clients", type=int, default=24, help="conversations at once (%(default)s)")
    parser.add_argument(
        "--store", choices=STORES, default="sqlite", help="of conversations, results, shared effects"
    )
    parser.add_argument(
        "--effects", choices=EFFECTS, default="shared", help="how the action has them (%(default)s)"
    )
    parser.add_argument("--forget", action="store_true", help="run the action server without --remember")
    parser.add_argument("--pause", type=float, default=2, help="seconds between two faults, on average")
    parser.add_argument("--report", type=Path, help="write the table to FILE.md and FILE.json")
    parser.add_argument("--folder", type=Path, help="keep the run's files here")
    given = parser.parse_args()
    return EffectsOptions(
        seed=given.seed,
        turns=given.calls,
        minutes=given.minutes,
        replicas=given.replicas,
        clients=given.clients,
        store=given.store,
        locks="valkey" if given.store == "postgresql" else "none",
        faults=(*FAULTS, *MESSAGE_FAULTS),
        pause=given.pause,
        report=given.report,
        folder=given.folder,
        effects=given.effects,
        is_remembering=not given.forget,
        action_workers=given.action_workers,
    )


if __name__ == "__main__":
    main()
