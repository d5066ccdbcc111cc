"""Report the largest files and functions of the source: places to look again, never a failure."""

import ast
import heapq
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2] / "src" / "duologue"
FILE_WORTH_A_LOOK = 400
FUNCTION_WORTH_A_LOOK = 40
SHOWN = 12


def file_sizes() -> Iterator[tuple[int, str]]:
    for path in HOUSE.rglob("*.py"):
        yield path.read_text(encoding="utf-8").count("\n"), str(path.relative_to(HOUSE))


def function_sizes() -> Iterator[tuple[int, str]]:
    for path in HOUSE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield lines, f"{path.relative_to(HOUSE)}:{node.lineno} {node.name}()"


def report(title: str, sizes: Iterator[tuple[int, str]], worth_a_look: int) -> None:
    large = heapq.nlargest(SHOWN, (size for size in sizes if size[0] > worth_a_look))
    print(f"{title} of more than {worth_a_look} lines: {'none' if not large else ''}")
    for lines, name in large:
        print(f"  {lines:5}  {name}")


if __name__ == "__main__":
    report("Files", file_sizes(), FILE_WORTH_A_LOOK)
    report("Functions", function_sizes(), FUNCTION_WORTH_A_LOOK)
