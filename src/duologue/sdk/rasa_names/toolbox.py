"""What `rasa_sdk.utils` offers to authors."""

import inspect
from collections.abc import Callable, KeysView
from pathlib import Path
from typing import Any, ClassVar

from duologue.sdk.rasa_names.constants import DEFAULT_ENCODING
from duologue.sdk.rasa_names.file_errors import FileIOException, FileNotFoundException, YamlSyntaxException


class Button(dict[str, Any]):
    """A button of a message."""


class Element(dict[str, Any]):
    """A card of a message; keys that a card does not have are left out."""

    _KEYS: ClassVar = frozenset({"title", "item_url", "image_url", "subtitle", "buttons"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{key: value for key, value in kwargs.items() if key in self._KEYS})


class Singleton(type):
    """A class of classes that have one instance each."""

    _instances: ClassVar[dict[Any, Any]] = {}

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Give the one instance."""
        if cls not in Singleton._instances:
            Singleton._instances[cls] = super().__call__(*args, **kwargs)
        return Singleton._instances[cls]

    @classmethod
    def clear(cls) -> None:
        """Forget all instances."""
        Singleton._instances.clear()


def all_subclasses(cls: type) -> list[type]:
    """Give every known subclass, near ones first."""
    near = cls.__subclasses__()
    return near + [far for subclass in near for far in all_subclasses(subclass)]


def arguments_of(func: Callable[..., Any]) -> KeysView[str]:
    """Give the names of a function's parameters."""
    return inspect.signature(func).parameters.keys()


async def call_potential_coroutine(coroutine_or_return_value: Any) -> Any:
    """Await a coroutine; give anything else as it is."""
    if inspect.iscoroutine(coroutine_or_return_value):
        return await coroutine_or_return_value
    return coroutine_or_return_value


def read_file(filename: str | Path, encoding: str = DEFAULT_ENCODING) -> str:
    """Read a text file."""
    try:
        return Path(filename).read_text(encoding=encoding)
    except FileNotFoundError as error:
        raise FileNotFoundException(f"There is no file '{Path(filename).absolute()}'.") from error
    except UnicodeDecodeError as error:
        raise FileIOException(f"'{Path(filename).absolute()}' is not written in {encoding}.") from error


def file_as_bytes(file_path: str) -> bytes:
    """Read a file's bytes."""
    try:
        return Path(file_path).read_bytes()
    except FileNotFoundError as error:
        raise FileNotFoundException(f"There is no file '{Path(file_path).absolute()}'.") from error


def read_yaml(content: str, reader_type: str = "safe") -> Any:
    """Read YAML; there is one reader, whatever `reader_type` says."""
    from ryaml import loads  # pyright: ignore[reportPrivateImportUsage] - it is the documented name

    return loads(content) or {}


def read_yaml_file(filename: str | Path) -> Any:
    """Read a YAML file."""
    try:
        return read_yaml(read_file(filename))
    except ValueError as error:
        raise YamlSyntaxException(filename, error) from error
