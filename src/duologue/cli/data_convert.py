"""`duologue data convert`: single files of training data in another format."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from duologue.cli.checked_project import show_problems
from duologue.cli.failure import CommandError
from duologue.cli.logged_command import LoggedCommand

if TYPE_CHECKING:
    from duologue.project.problems import Problems

PLACE = click.Path(path_type=Path)
_KINDS = {"nlu": "nlu", "stories": "stories", "core": "stories", "responses": "responses", "nlg": "responses"}
_WHOLE = frozenset(("config", "domain"))


@click.command("convert", cls=LoggedCommand)
@click.argument("kind", type=click.Choice([*_KINDS, *sorted(_WHOLE)]))
@click.argument("places", nargs=-1, metavar="[SOURCE]...", type=PLACE)
@click.option("--data", type=PLACE, multiple=True, help="A file or folder, if not named first.")
@click.option(
    "-f", "--format", "target", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True
)
@click.option(
    "--out",
    type=PLACE,
    default=Path("converted"),
    show_default=True,
    help="The folder to write to; for JSON the file.",
)
@click.option("-l", "--language", hidden=True, expose_value=False)
def convert_data(
    *, kind: str, places: tuple[Path, ...], data: tuple[Path, ...], target: str, out: Path
) -> int:
    """Convert training data of Rasa 1, Markdown or JSON, to YAML; NLU data also to JSON.

    KIND is nlu, stories (or core) or responses (or nlg). A domain and a configuration belong to a whole project, which
    `duologue data migrate` converts.
    """
    if kind in _WHOLE:
        raise CommandError(
            f"A {kind} is converted with the project it belongs to: run `duologue data migrate`."
        )
    given = places or data or (Path("data"),)
    for place in given:
        if not place.exists():
            raise CommandError(f"There is no {place}; name a file or folder.")
    if target == "json":
        return _write_json(kind, given, out)
    from duologue.project.problems import Problems

    problems = Problems()
    written = list(_convert_all(_KINDS[kind], given, out, problems))
    show_problems(problems, is_error_output=True)
    if not written:
        raise CommandError(
            f"There is no Markdown or JSON with {_KINDS[kind]} in {', '.join(map(str, given))}."
        )
    for line in written:
        click.echo(line)
    return 1 if problems.has_errors else 0


def _convert_all(kind: str, places: tuple[Path, ...], out: Path, problems: "Problems") -> Iterator[str]:
    """A sentence for each file that was written."""
    from duologue.project.migration.old_files import convert_old_file
    from duologue.project.project_files import find_data_files
    from duologue.project.yaml_reader import UnreadableFileError

    for place in places:
        for path in find_data_files(place, problems):
            if path.suffix not in (".md", ".json"):
                continue
            try:
                converted = convert_old_file(path, root=Path.cwd(), problems=problems)
            except UnreadableFileError as error:
                problems.add(error.problem)
                continue
            if converted is not None and converted.kind == kind:
                below = path.parent.relative_to(place) if place.is_dir() else Path()
                target = out / below / converted.name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(converted.text, encoding="utf-8")
                yield f"{path}: written to {target}."


def _write_json(kind: str, places: tuple[Path, ...], out: Path) -> int:
    if kind != "nlu":
        raise CommandError("Only NLU data can be written as JSON.")
    from duologue.project.nlu_files import read_nlu_data
    from duologue.project.writing.nlu_json import write_nlu_json

    reading = read_nlu_data(places, root=Path.cwd())
    show_problems(reading.problems, is_error_output=True)
    if reading.problems.has_errors:
        raise CommandError("Nothing is converted: the data has errors.")
    path = out if out.suffix == ".json" else out / "nlu.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(write_nlu_json(reading), encoding="utf-8")
    click.echo(f"{len(reading.examples)} sentences written to {path}.")
    return 0
