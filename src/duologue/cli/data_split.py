"""`duologue data split`: part of the training data is set aside, to judge by it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from duologue.cli.checked_project import show_problems
from duologue.cli.failure import CommandError
from duologue.cli.logged_command import LoggedCommand

if TYPE_CHECKING:
    from duologue.project.definition import IntentExample
    from duologue.project.nlu_files import NluReading

C = TypeVar("C", bound=Callable[..., object])
PLACE = click.Path(path_type=Path)


def _split_options(command: C) -> C:
    options = [
        click.option(
            "-u", "--nlu", type=PLACE, multiple=True, help="A file or folder of data. [default: data]"
        ),
        click.option(
            "--training-fraction",
            type=click.FloatRange(0, 1, min_open=True, max_open=True),
            default=0.8,
            show_default=True,
            help="The share that is kept for training.",
        ),
        click.option("--random-seed", type=int, help="The same seed gives the same parts."),
        click.option(
            "--out", type=PLACE, default=Path("train_test_split"), show_default=True, help="Where to write."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.group("split", no_args_is_help=True)
def split_group() -> None:
    """Set part of the training data aside, to judge by it."""


@split_group.command("nlu", cls=LoggedCommand)
@_split_options
def split_nlu(*, nlu: tuple[Path, ...], training_fraction: float, random_seed: int | None, out: Path) -> int:
    """Part the sentences of every intent.

    Writes `training_data.yml` and `test_data.yml`; synonyms, lookup tables and regular expressions are in both.
    """
    from duologue.project.nlu_files import read_nlu_data
    from duologue.project.splitting import split_examples

    reading = read_nlu_data(_find_data(nlu), root=Path.cwd())
    show_problems(reading.problems, is_error_output=True)
    if reading.problems.has_errors:
        raise CommandError("Nothing is split: the data has errors.")
    if not reading.examples:
        raise CommandError("There are no sentences to split; name a file or folder with `--nlu`.")
    learned, judged = split_examples(reading.examples, training_fraction, random_seed)
    out.mkdir(parents=True, exist_ok=True)
    for name, examples in (("training_data", learned), ("test_data", judged)):
        (out / f"{name}.yml").write_text(_write_part(reading, examples), encoding="utf-8")
    click.echo(f"{len(learned)} sentences written to {out / 'training_data.yml'},")
    click.echo(f"{len(judged)} to {out / 'test_data.yml'}.")
    return 0


def _write_part(reading: "NluReading", examples: "list[IntentExample]") -> str:
    from duologue.project.writing.nlu_text import describe_nlu
    from duologue.project.writing.yaml_text import VERSION, write_yaml

    content: dict[str, Any] = {
        "version": VERSION,
        "nlu": describe_nlu(
            examples, synonyms=reading.synonyms, lookups=reading.lookups, regexes=reading.regexes
        ),
    }
    answers = {f"utter_{example.intent}" for example in examples if "/" in example.intent}
    responses = {name: value for name, value in reading.responses.items() if name in answers}
    return write_yaml(content | ({"responses": responses} if responses else {}))


@split_group.command("stories", cls=LoggedCommand)
@_split_options
def split_story_files(
    *, nlu: tuple[Path, ...], training_fraction: float, random_seed: int | None, out: Path
) -> int:
    """Part the stories of every file.

    Of `FILE.yml` come `train_FILE.yml`, which keeps all that is no story, and `test_FILE.yml`.
    """
    from duologue.project.problems import Problems
    from duologue.project.project_files import find_yaml_files

    problems = Problems()
    files = [path for place in _find_data(nlu) for path in find_yaml_files(place, problems)]
    parted = [name for path in files if (name := _split_file(path, training_fraction, random_seed, out))]
    show_problems(problems, is_error_output=True)
    if not parted:
        raise CommandError("There are no stories to split; name a file or folder with `--nlu`.")
    for line in parted:
        click.echo(line)
    return 0


def _split_file(path: Path, fraction: float, seed: int | None, out: Path) -> str | None:
    """What was written, in a sentence; None if the file holds no stories."""
    from duologue.project.fields import is_items, is_mapping
    from duologue.project.splitting import split_stories
    from duologue.project.writing.yaml_text import VERSION, write_yaml
    from duologue.project.yaml_reader import read_yaml

    content = read_yaml(path, root=Path.cwd()).value
    stories = content.get("stories") if is_mapping(content) else None
    if not is_mapping(content) or not is_items(stories) or not stories:
        return None
    learned, judged = split_stories(stories, fraction, seed)
    out.mkdir(parents=True, exist_ok=True)
    names = out / f"train_{path.name}", out / f"test_{path.name}"
    names[0].write_text(write_yaml({**content, "stories": learned}), encoding="utf-8")
    names[1].write_text(write_yaml({"version": VERSION, "stories": judged}), encoding="utf-8")
    return f"{path}: {len(learned)} of {len(stories)} stories to {names[0]}, {len(judged)} to {names[1]}."


def _find_data(given: tuple[Path, ...]) -> tuple[Path, ...]:
    places = given or (Path("data"),)
    for place in places:
        if not place.exists():
            raise CommandError(f"There is no {place}; name a file or folder with `--nlu`.")
    return places
