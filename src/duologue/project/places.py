"""Where in the project each thing stands; the line is looked up only when a problem needs it."""

from typing import Literal

import msgspec

from duologue.project.problems import Spot
from duologue.project.yaml_reader import YamlFile


class Place(msgspec.Struct, frozen=True):
    """A spot in a YAML file, named by the keys and list positions that lead to it."""

    source: YamlFile
    path: tuple[object, ...] = ()

    @property
    def file(self) -> str:
        return self.source.shown

    @property
    def line(self) -> int:
        return self.source.find_line(self.path)

    def at(self, *keys: object) -> "Place":
        """The spot below this one."""
        return Place(self.source, self.path + keys)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class BlockLine(msgspec.Struct, frozen=True):
    """A line inside a text that stands below its key, as `examples: |` does."""

    place: Place
    number: int
    """Counted from 0."""

    @property
    def file(self) -> str:
        return self.place.file

    @property
    def line(self) -> int:
        return self.place.source.find_block_line(self.place.path, self.number)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class WholeFile(msgspec.Struct, frozen=True):
    """A spot for findings about a file or folder as a whole."""

    file: str
    line: int = 0


Kind = Literal[
    "action",
    "config",
    "entity",
    "example",
    "flow",
    "form",
    "intent",
    "response",
    "rule",
    "slot",
    "step",
    "story",
    "story_step",
    "test",
]


class Places:
    """The place of everything that the project itself declares; stock things have none."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, ...], Place] = {}

    def note(self, place: Place, kind: Kind, *names: str) -> None:
        self._places[kind, *names] = place

    def find(self, kind: Kind, *names: str) -> Place | None:
        return self._places.get((kind, *names))

    def list_names(self, kind: Kind) -> tuple[str, ...]:
        """Names of one kind in the order in which they were read."""
        return tuple(key[1] for key in self._places if key[0] == kind)


def below(spot: Spot, *keys: object) -> Spot:
    """The spot under these keys, as near as it can be told."""
    return spot.at(*keys) if isinstance(spot, Place) else spot
