"""`python -m benchmarks nlu`: what the trained pipeline gets right and costs, beside a plain strong classifier."""

import argparse
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.nlu_data import NluSet, read_given, read_sets
from benchmarks.nlu_measure import BASELINE, ENCODER, LIGHT, Measured, measure

_FOLDER = "DUOLOGUE_ACCEPTANCE_DATA"
_PIPELINES = {"baseline": BASELINE, "light": LIGHT, "encoder": ENCODER}


def main(arguments: Sequence[str]) -> None:
    """Measure, show a table, and keep it as JSON."""
    options = _parse_options(arguments)
    sets = _choose_sets(options)
    rows: list[Measured] = []
    for chosen in sets:
        for pipeline in options.pipelines:
            if pipeline == "baseline" and not any(example.intent for example in chosen.train):
                continue
            rows.append(_measure_alone(chosen, _PIPELINES[pipeline], options))
            _show(rows[-1:], options.threshold)
    _show(rows, options.threshold)
    options.output.mkdir(parents=True, exist_ok=True)
    path = options.output / "nlu.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(rows)))
    print(f"Kept in {path}")


def _parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks nlu", description=__doc__)
    parser.add_argument(
        "--train", type=Path, help="learn from this file of JSON lines: text, intent, entities"
    )
    parser.add_argument(
        "--test", type=Path, help="ask the sentences of this one; the intent `oos` is out of scope"
    )
    parser.add_argument(
        "--sets", nargs="*", default=(), help="beginnings of the names of sets; all without it"
    )
    parser.add_argument("--pipelines", nargs="*", choices=[*_PIPELINES], default=list(_PIPELINES))
    parser.add_argument("--threshold", type=float, default=0.3, help="confidence that an intent needs")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1), help="of training")
    parser.add_argument("--output", type=Path, default=Path("bench-results"), help="folder for the results")
    return parser.parse_args(arguments)


def _choose_sets(options: argparse.Namespace) -> list[NluSet]:
    if options.train and options.test:
        return [read_given(options.train, options.test)]
    folder = os.environ.get(_FOLDER)
    if folder is None:
        raise SystemExit(f"Name the folder of data sets in {_FOLDER}, or files with --train and --test.")
    wanted = [name.casefold() for name in options.sets]
    found = read_sets(Path(folder) / "nlu")
    return [one for one in found if not wanted or one.name.casefold().startswith(tuple(wanted))]


def _measure_alone(chosen: NluSet, pipeline: str, options: argparse.Namespace) -> Measured:
    # A process of its own has a peak of memory of its own, and as many threads as are said here.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(options.threads)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(
            measure, chosen, pipeline, threshold=options.threshold, threads=options.threads
        ).result()


def _show(rows: Sequence[Measured], threshold: float) -> None:
    table = Table()
    for title in (
        "set",
        "pipeline",
        "accuracy",
        "macro F1",
        "entity F1",
        f"at {threshold:g}",
        "out of scope",
    ):
        table.add_column(title)
    for title in ("train s", "peak MB", "parse ms", "p99"):
        table.add_column(title, justify="right")
    for row in rows:
        table.add_row(
            row.name,
            row.pipeline,
            *(_share(one) for one in (row.accuracy, row.macro_f1, row.entity_f1)),
            *(_share(one) for one in (row.accuracy_at_threshold, row.out_of_scope_recall)),
            f"{row.train_seconds:.1f}",
            f"{row.peak_megabytes:.0f}",
            f"{row.parse_median:.2f}",
            f"{row.parse_p99:.2f}",
        )
    Console(width=140).print(table)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
