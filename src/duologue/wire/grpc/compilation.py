"""Write what Python needs of `action_webhook.proto`: `python -m duologue.wire.grpc.compilation`."""

import base64
import re
import sys
import tempfile
import textwrap
from pathlib import Path

HERE = Path(__file__).parent
PROTO = "action_webhook.proto"
DESCRIPTORS, STUBS = "descriptors.py", "messages.pyi"
_HEAD = '"""{sentence} Written by `python -m duologue.wire.grpc.compilation`; change the .proto instead."""\n'
_STUBS_HEAD = "# ruff: noqa\n# fmt: off\n" + _HEAD.format(
    sentence="The types of the messages in `action_webhook.proto`."
)
# What `messages.py` has of its own.
_STUBS_TAIL = """
PROTO: str
def add_descriptors(pool: _descriptor_pool.DescriptorPool) -> _descriptor.FileDescriptor: ...
"""


def compile_proto() -> dict[str, str]:
    """The text of each generated file by its name; needs grpcio-tools."""
    from grpc_tools import protoc  # pyright: ignore[reportMissingTypeStubs] - it has no types

    with tempfile.TemporaryDirectory() as folder:
        arguments = [
            "protoc",
            f"-I{HERE}",
            f"-I{Path(protoc.__file__).parent / '_proto'}",
            "--include_imports",
            f"--descriptor_set_out={folder}/descriptors",
            f"--pyi_out={folder}",
            PROTO,
        ]
        if protoc.main(arguments):  # pyright: ignore[reportUnknownMemberType]
            raise SystemExit(f"protoc refuses {PROTO}; see its words above.")
        stubs = Path(folder, PROTO.replace(".proto", "_pb2.pyi")).read_text(encoding="utf-8")
        return {
            DESCRIPTORS: _format_descriptors(Path(folder, "descriptors").read_bytes()),
            STUBS: _STUBS_HEAD + _require_types(stubs),
        }


def _require_types(stubs: str) -> str:
    stubs = stubs.replace("import empty_pb2 as _empty_pb2", "import descriptor_pool as _descriptor_pool")
    return (
        re.sub(r"\b_Mapping\b(?=\])", "_Mapping[str, object]", re.sub(r"\n{3,}", "\n\n", stubs)) + _STUBS_TAIL
    )


def _format_descriptors(encoded: bytes) -> str:
    lines = textwrap.wrap(base64.b64encode(encoded).decode(), 100)
    return "\n".join(
        [
            _HEAD.format(sentence="The compiled `action_webhook.proto`, with what it imports."),
            'DESCRIPTOR_SET = """',
            *lines,
            '"""',
            "# A `FileDescriptorSet` in base64.",
            "",
        ]
    )


def main() -> None:
    """Write the files anew."""
    for name, text in compile_proto().items():
        (HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
