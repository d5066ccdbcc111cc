"""What can go wrong with files."""

# ruff: noqa: N818 - authors catch these under the names they know.

from pathlib import Path

_YAML_CHECKER = "You can use https://yamlchecker.com/ to validate the YAML syntax of your file."


class FileNotFoundException(FileNotFoundError):
    """A file that should be there is not."""


class FileIOException(Exception):
    """A file cannot be read."""


class YamlSyntaxException(Exception):
    """A file, or a text, is not valid YAML."""

    def __init__(
        self, filename: str | Path | None = None, underlying_yaml_exception: Exception | None = None
    ) -> None:
        self.filename = filename
        self.underlying_yaml_exception = underlying_yaml_exception

    def __str__(self) -> str:
        text = f"Failed to read '{self.filename}'." if self.filename else "Failed to read YAML."
        if self.underlying_yaml_exception:
            text += f" {_without_advice(self.underlying_yaml_exception)}"
        if self.filename:
            text = text.replace('in "<unicode string>"', f'in "{self.filename}"')
        return f"{text}\n\n{_YAML_CHECKER}"


def _without_advice(error: Exception) -> Exception:
    """Drop the notes that the parser writes for its own users."""
    for name in ("note", "warn"):
        if hasattr(error, name):
            setattr(error, name, None)
    return error
