"""`python -m evals [NAME …] [--embeddings]`: print how well messages are understood without a language model."""

import sys
from importlib import import_module

REPORTS = {
    "conversations": "whole conversations of assistants, by kind and by rung",
    "flow_matching": "messages that start a flow, on assistants made from public data",
    "dialogue_understanding": "turns of human dialogues, on schemas made into flows",
    "local_understanding": "typed answers, and the time for a message",
}


def main() -> None:
    """Run the reports that are named, or all of them."""
    names = [name for name in sys.argv[1:] if not name.startswith("--")] or list(REPORTS)
    unknown = [name for name in names if name not in REPORTS]
    if unknown:
        raise SystemExit(f"There is no report {unknown[0]!r}; there are {', '.join(REPORTS)}.")
    for name in names:
        print(f"\n=== {name}: {REPORTS[name]}", flush=True)
        import_module(f"evals.{name}").main()


if __name__ == "__main__":
    main()
