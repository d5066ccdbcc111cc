"""The assistant that the rig serves: each message is a number, noted by an action server, whose replies prove the state."""

import zlib
from pathlib import Path

import msgspec
from msgspec.structs import replace

FILES = {
    "config.yml": """
recipe: default.v1
language: en
assistant_id: torture
pipeline: []
policies:
  - name: FlowPolicy
""",
    "domain.yml": """
version: "3.1"
slots:
  number:
    type: float
  count:
    type: any
    mappings:
      - type: controlled
  total:
    type: any
    mappings:
      - type: controlled
  chain:
    type: any
    mappings:
      - type: controlled
responses:
  utter_ask_number:
    - text: Which number?
actions:
  - action_note
""",
    "data/flows.yml": """
flows:
  note:
    description: Note a number.
    steps:
      - collect: number
      - action: action_note
  pattern_completed:
    description: Say nothing more.
    steps:
      - noop: true
        next: END
""",
}


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """What a conversation holds after some numbers; it does not grow with them."""

    count: int = 0
    total: int = 0
    chain: int = 0
    """A checksum over all numbers in their order."""

    def add(self, number: int) -> "Noted":
        chain = zlib.crc32(f"{self.chain} {number}".encode())
        return replace(self, count=self.count + 1, total=self.total + number, chain=chain)

    def format_reply(self, number: int) -> str:
        """What the assistant answers after it noted the number."""
        return f"Noted {number}: {self.count} numbers, in all {self.total}, chain {self.chain}."


def write_project(folder: Path) -> Path:
    """Write the assistant into a folder, but for its endpoints: each server has its own."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip(), encoding="utf-8")
    return folder


def make_text(number: int) -> str:
    """What a client sends."""
    return f'/note{{"number": {number}}}'


def read_number(text: str) -> int:
    """The number in what a client sent."""
    return int(text.rpartition(" ")[2].rstrip("}"))
