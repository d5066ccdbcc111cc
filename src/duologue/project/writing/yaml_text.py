"""Values as YAML text that people like to read: blocks for texts of several lines, lists set in, keys in their order."""

from typing import Any

import yaml

from duologue.project.yaml_scalars import resolve_plain

VERSION = "3.1"
"""The format version that written files name."""


def write_yaml(value: object) -> str:
    """The text of a YAML file that holds the value."""
    return yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=False
    )


class _Dumper(yaml.SafeDumper):
    """Writes what the YAML of this project reads back; anchors are written out."""

    def ignore_aliases(self, data: Any) -> bool:  # Any, as the parent has it
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


def _represent_text(_: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    """A block for several lines; quotes where the bare words would be read as something else."""
    style = None
    if "\n" in value and value.strip() and all(line == line.rstrip() for line in value.split("\n")):
        style = "|"
    elif not isinstance(resolve_plain(value), str):
        style = '"'
    return yaml.ScalarNode("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _represent_text)
