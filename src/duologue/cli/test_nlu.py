"""`duologue test nlu`: how well an assistant reads intents, entities and responses."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from duologue.cli.failure import CommandError
from duologue.cli.logged_command import LoggedCommand
from duologue.cli.project_folder import require_project, require_writable
from duologue.cli.trained_parser import open_parser, read_definition

if TYPE_CHECKING:
    from duologue.project.definition import AssistantDefinition, IntentExample
    from duologue.testing.nlu.answers import Answers
    from duologue.testing.nlu.result_files import FileWishes

_PLACE = click.Path(path_type=Path)
_SHARES = (0, 25, 50, 75)


class _Places(msgspec.Struct, frozen=True, kw_only=True):
    """Where the assistant and its sentences are."""

    folder: Path
    configs: tuple[Path, ...]
    domain: tuple[Path, ...]
    nlu: Path | None
    model: Path | None


@click.command("nlu", cls=LoggedCommand)
@click.argument("words", nargs=-1, metavar="[PROJECT]")
@click.option("--project", "project_option", type=_PLACE, help="The assistant's folder, if not named first.")
@click.option("-m", "--model", type=_PLACE, help="A model archive. [default: the project as it is]")
@click.option("-u", "--nlu", type=_PLACE, help="The sentences to judge by. [default: the project's own]")
@click.option(
    "-c",
    "--config",
    "configs",
    type=_PLACE,
    multiple=True,
    help="The configuration. Several, or a folder of them, are compared. [default: config.yml]",
)
@click.option(
    "-d", "--domain", type=_PLACE, multiple=True, help="A domain file or folder. [default: domain.yml]"
)
@click.option(
    "--out", type=_PLACE, default=Path("results"), show_default=True, help="The folder for all files."
)
@click.option("--cross-validation", is_flag=True, help="Judge by sentences that were not learned, in turns.")
@click.option("-f", "--folds", type=click.IntRange(2), default=5, show_default=True, help="How many turns.")
@click.option(
    "-r", "--runs", type=click.IntRange(1), default=3, show_default=True, help="Runs of a comparison."
)
@click.option(
    "-p",
    "--percentages",
    type=click.IntRange(0, 99),
    multiple=True,
    help="Shares of the data that a comparison leaves out. [default: 0 25 50 75]",
)
@click.option("--successes", is_flag=True, help="Write what was right to files as well.")
@click.option("--no-errors", is_flag=True, help="Do not write what was wrong to files.")
@click.option("--no-plot", is_flag=True, help="Draw no pictures.")
@click.option("--no-warnings", is_flag=True, hidden=True, expose_value=False)
def run_nlu_tests(  # one parameter for each option, as click hands them over
    *,
    words: tuple[str, ...],
    project_option: Path | None,
    model: Path | None,
    nlu: Path | None,
    configs: tuple[Path, ...],
    domain: tuple[Path, ...],
    out: Path,
    cross_validation: bool,
    folds: int,
    runs: int,
    percentages: tuple[int, ...],
    successes: bool,
    no_errors: bool,
    no_plot: bool,
) -> int:
    """Judge how well the assistant in PROJECT (by default the current folder) reads sentences.

    Reports, errors and pictures go to files. Without `--nlu` and without `--cross-validation` it is asked what it
    has learned, which says little.
    """
    from duologue.testing.nlu.result_files import FileWishes

    project, more_configs, more_percentages = _sort_words(words, bool(configs), bool(percentages))
    folder = require_project(project, project_option)
    places = _Places(
        folder=folder,
        configs=_list_configs((*configs, *more_configs)),
        domain=domain,
        nlu=nlu,
        model=model,
    )
    wishes = FileWishes(out=out, errors=not no_errors, successes=successes, pictures=not no_plot)
    require_writable(out)
    if len(places.configs) > 1:
        _compare(places, wishes, (*percentages, *more_percentages) or _SHARES, runs)
    elif cross_validation:
        _cross_validate(places, wishes, folds)
    else:
        _judge(places, wishes)
    click.echo(f"Written to {out}.")
    return 0


def _sort_words(
    words: Sequence[str], has_configs: bool, has_percentages: bool
) -> tuple[Path | None, tuple[Path, ...], tuple[int, ...]]:
    """Rasa takes several values behind one option; those behind the first stand here as words of their own."""
    numbers = tuple(int(word) for word in words if has_percentages and word.isdecimal())
    files = tuple(Path(word) for word in words if has_configs and word.endswith((".yml", ".yaml")))
    others = [word for word in words if Path(word) not in files and not (numbers and word.isdecimal())]
    if len(others) > 1:
        raise CommandError(f"Two folders are named, {others[0]} and {others[1]}; name one.")
    return Path(others[0]) if others else None, files, numbers


def _list_configs(given: Sequence[Path]) -> tuple[Path, ...]:
    found: list[Path] = []
    for path in given:
        if not path.exists():
            raise CommandError(f"There is no configuration {path}.")
        found += sorted(path.glob("*.y*ml")) if path.is_dir() else [path]
    return tuple(found)


def _judge(places: _Places, wishes: "FileWishes") -> None:
    from duologue.cli.progress_bar import show_progress_bar
    from duologue.testing.nlu.answers import ask
    from duologue.training.nlu_data import read_training_example
    from duologue.training.threads import count_threads

    definition, parser = open_parser(
        places.folder, places.model, config=next(iter(places.configs), None), domain=places.domain
    )
    examples = [read_training_example(example) for example in _read_examples(places, definition)]
    done = 0
    with show_progress_bar("Reading the sentences", len(examples)) as show:

        def advance() -> None:
            nonlocal done
            done += 1
            show(done)

        answers = ask(parser, examples, advance, threads=count_threads())
    _tell_results(answers, wishes)


def _cross_validate(places: _Places, wishes: "FileWishes", folds: int) -> None:
    from duologue.cli.progress_bar import show_progress_bar
    from duologue.testing.nlu.answers import join
    from duologue.testing.nlu.trials import cross_validate
    from duologue.training.author_modules import make_importable
    from duologue.training.threads import count_threads

    definition = read_definition(places.folder, next(iter(places.configs), None), places.domain)
    make_importable(places.folder, definition)
    examples = _read_examples(places, definition)
    done = 0
    with show_progress_bar("Learning and judging", folds) as show:

        def advance() -> None:
            nonlocal done
            done += 1
            show(done)

        trials = cross_validate(definition, examples, folds, threads=count_threads(), advance=advance)
    fitted = join(trial.learned for trial in trials)
    if fitted.intents:
        right = sum(choice.is_right for choice in fitted.intents) / len(fitted.intents)
        click.echo(f"What was learned: intents {right:.1%} right. What was not, in {folds} folds:")
    _tell_results(join(trial.judged for trial in trials), wishes)


def _compare(places: _Places, wishes: "FileWishes", shares: Sequence[int], runs: int) -> None:
    from duologue.cli.progress_bar import show_progress_bar
    from duologue.testing.nlu.comparison_picture import draw_comparison
    from duologue.testing.nlu.trials import compare_pipelines
    from duologue.training.author_modules import make_importable
    from duologue.training.threads import count_threads

    definitions = {path.stem: read_definition(places.folder, path, places.domain) for path in places.configs}
    for definition in definitions.values():
        make_importable(places.folder, definition)
    if len(definitions) < len(places.configs):
        raise CommandError("Two configurations have the same file name; results go by it.")
    examples = _read_examples(places, next(iter(definitions.values())))
    done = 0
    with show_progress_bar("Learning and judging", runs * len(shares) * len(definitions)) as show:

        def advance() -> None:
            nonlocal done
            done += 1
            show(done)

        scores, sizes = compare_pipelines(
            definitions, examples, excluded=shares, runs=runs, threads=count_threads(), advance=advance
        )
    wishes.out.mkdir(parents=True, exist_ok=True)
    (wishes.out / "results.json").write_bytes(msgspec.json.format(msgspec.json.encode(scores)) + b"\n")
    if wishes.pictures:
        picture = draw_comparison(scores, sizes)
        (wishes.out / "nlu_model_comparison_graph.svg").write_text(picture, encoding="utf-8")
    click.echo(f"{'examples learned from':30}" + "".join(f"{size:>9}" for size in sizes))
    for name, figures in scores.items():
        means = (sum(run[place] for run in figures) / runs for place in range(len(sizes)))
        click.echo(f"{name:30}" + "".join(f"{mean:9.3f}" for mean in means))


def _read_examples(places: _Places, definition: "AssistantDefinition") -> "Sequence[IntentExample]":
    """The sentences to judge by."""
    if places.nlu is None:
        examples = definition.training_data.examples
    else:
        examples = _read_given_examples(places.nlu)
    if not examples:
        raise CommandError(f"There are no sentences to judge by in {places.nlu or places.folder}.")
    return examples


def _read_given_examples(nlu: Path) -> "Sequence[IntentExample]":
    from duologue.cli.checked_project import count_problems, show_problems
    from duologue.project.nlu_files import read_nlu_data

    if not nlu.exists():
        raise CommandError(f"There is no file or folder {nlu}, which --nlu names.")
    reading = read_nlu_data([nlu.absolute()], root=Path.cwd())
    if reading.problems.has_errors:
        show_problems(reading.problems.errors, is_error_output=True)
        raise CommandError(f"The sentences cannot be read: {count_problems(reading.problems)}.")
    return reading.examples


def _tell_results(answers: "Answers", wishes: "FileWishes") -> None:
    from duologue.testing.nlu.result_files import write_results

    summaries = write_results(answers, wishes)
    if not summaries:
        raise CommandError("Nothing can be judged: there are not two intents, and no entity is marked.")
    width = max(len(one.name) for one in summaries) + 3
    for one in summaries:
        click.echo(f"{one.name:{width}}{one.count:6} judged   accuracy {one.accuracy:.3f}   F1 {one.f1:.3f}")
