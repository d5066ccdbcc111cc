"""YAML comes in quickly, means the same on both paths, and hostile files get one clear error."""

import math
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ryaml import loads as read_quickly  # pyright: ignore[reportPrivateImportUsage]

from duologue.project.yaml_reader import UnreadableFileError, YamlFile, parse_yaml, read_yaml
from duologue.project.yaml_tree import YamlSyntaxError, compose_tree


def read_text_as_yaml(folder: Path, text: str | bytes) -> YamlFile:
    path = folder / "file.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_yaml(path, root=folder)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("True", True),
        ("TRUE", True),
        ("false", False),
        ("2024-02-29", "2024-02-29"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("007", "007"),
        ("0x1F", 31),
        ("0o17", 15),
        ("0b11", 3),
        ("+5", 5),
        ("-0", 0),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("-.inf", -math.inf),
        ("1e400", "1e400"),
        ("~", None),
        ("NULL", None),
        ("", None),
        ("infinity", "infinity"),
        ("=", "="),
        ("'5'", "5"),
        ("! 5", "5"),
        ("!!str 5", "5"),
        ("!!float 5", 5.0),
        ("123456789012345678901234567890", 123456789012345678901234567890),
    ],
)
def test_a_scalar_means_what_yaml_1_2_says(written: str, value: object) -> None:
    read, _ = parse_yaml(f"key: {written}\n")
    assert read == {"key": value}
    assert type(read["key"]) is type(value)


def test_merge_keys_add_what_the_mapping_does_not_say_itself() -> None:
    text = "base: &base {a: 1, b: 2}\nmore: &more {b: 3, c: 4}\nboth:\n  b: 0\n  <<: [*base, *more]\n"
    assert parse_yaml(text)[0]["both"] == {"b": 0, "a": 1, "c": 4}


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    assert read_text_as_yaml(tmp_path, b"\xef\xbb\xbfa: 1\n").value == {"a": 1}


@pytest.mark.parametrize(
    "text",
    [
        "text: Bonjour ! Ça va ?\n",
        "text: 'a *star* and R&D'\n",
        "- '**bold**'\n- Tom & Jerry\n",
        "text: |\n  say *that*, and mean it!\n",
    ],
)
def test_signs_inside_texts_do_not_leave_the_quick_path(text: str) -> None:
    assert parse_yaml(text)[1] is None


def test_lines_are_found_for_keys_list_items_and_whatever_is_nearest(tmp_path: Path) -> None:
    file = read_text_as_yaml(tmp_path, "a: 1\nb:\n  - x\n  - c: 2\n    d:\n      - 3\n")
    places = [("a",), ("b",), ("b", 1), ("b", 1, "d"), ("b", 1, "d", 0), ("b", 1, "missing"), ("missing",)]
    assert [file.find_line(place) for place in places] == [1, 2, 4, 5, 6, 4, 1]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{below}'] * 10)}]\n"
    for below, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            BOMB,
            "file.yml:6: error: The aliases of this file stand for more than 1,000,000 values. "
            "Write the values out, or use fewer aliases.",
            id="anchor bomb",
        ),
        ("a: &a [*a]\n", "file.yml:1: error: The alias `*a` contains itself."),
        ("a: 1\nb: *c\n", "file.yml:2: error: The alias `*c` is not defined above."),
        pytest.param(
            "[" * 200 + "]" * 200,
            "file.yml:1: error: The nesting goes deeper than 127 levels.",
            id="deep nesting",
        ),
        pytest.param(
            "[" * 100_000, "file.yml:1: error: The nesting goes deeper than 127 levels.", id="endless nesting"
        ),
        pytest.param(
            "".join(" " * depth + "a:\n" for depth in range(300)),
            "file.yml:128: error: The nesting goes deeper than 127 levels.",
            id="deep mapping",
        ),
        (
            "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> other\n",
            "file.yml:2: error: A merge conflict is left in the file. "
            "Resolve it and remove the marks `<<<<<<<`, `>>>>>>>`.",
        ),
        ("a: 1\nb: \x07\n", "file.yml:2: error: A control character stands in the text. Remove it."),
        ("a:\n\tb: 1\n", "file.yml:2: error: The line is indented with a tab. Use spaces."),
        (
            "a: @home\n",
            "file.yml:1: error: A plain text cannot begin with `@`. Put the text in quotes.",
        ),
        (
            "a: this: that\n",
            "file.yml:1: error: A colon followed by a space stands where only text may stand. "
            "Put the text in quotes, or check the indentation.",
        ),
        (
            "a: 1\nb\nc: 2\n",
            "file.yml:3: error: A key without a colon, or a line that is not part of what stands above it. "
            "Check the colon and the indentation.",
        ),
        (
            "a:\n  - b\n c: 1\n",
            "file.yml:3: error: This line does not continue the mapping above it. "
            "Check the indentation, and quotes inside quoted text.",
        ),
        (
            "a: 'b\nc: 1\n",
            "file.yml:1: error: A quoted text is never closed. Add the missing quote.",
        ),
        (
            "a: [1, 2\nb: 3\n",
            "file.yml:1: error: A `[` or `{` is never closed. Close it, or put the text in quotes.",
        ),
        (
            "a: {name} is here\nb: 1\n",
            "file.yml:1: error: A plain text cannot begin with `{`. Put the text in quotes.",
        ),
        (
            "a: 'it's'\nb: 1\n",
            "file.yml:1: error: The text goes on after its closing quote. "
            "Put quotes of the other kind around the whole text.",
        ),
        (
            'a: 1\nb: "this\nc: 2\nd: "that"\n',
            "file.yml:2: error: A quoted text begins here and ends only on line 4. "
            "Add the missing quote at its end.",
        ),
        (
            'a: "\\d"\n',
            "file.yml:1: error: A backslash in double quotes is followed by a character that is no escape. "
            "Use single quotes, or double the backslash.",
        ),
        (
            "a: !python/object:os.system x\n",
            "file.yml:1: error: The tag `!python/object:os.system` is not known. Remove it.",
        ),
        ("a: !!int x\n", "file.yml:1: error: The value does not fit its tag `!!int`."),
        ("? [1]\n: 2\n", "file.yml:1: error: A key must be plain text, not a list or a mapping."),
        (
            "a: 1\n---\nb: 2\n",
            "file.yml:2: error: A second YAML document begins here. "
            "Remove the `---` or move what follows into a file of its own.",
        ),
        ("a: {<<: 5}\n", "file.yml:1: error: `<<` takes a mapping, or a list of mappings, to merge."),
        (
            "a: é\nb: 1\n".encode("utf-16"),
            "file.yml: error: The file is written in UTF-16. Save it as UTF-8.",
        ),
        (
            "a: 1\nb: é\n".encode("latin-1"),
            "file.yml:2: error: A character is not written in UTF-8. Save the file as UTF-8.",
        ),
        (b"\x7fELF\x00\x01", "file.yml: error: The file is binary, not text."),
    ],
)
def test_hostile_text_gets_one_clear_error(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        read_text_as_yaml(tmp_path, text)
    assert caught.value.problem.format() == message


def test_a_key_that_stands_twice_names_both_lines_and_the_first_one_counts(tmp_path: Path) -> None:
    file = read_text_as_yaml(tmp_path, "a: 1\nb: 2\na: 3\n")
    assert [problem.format() for problem in file.problems] == [
        "file.yml:3: error: The key `a` is already on line 1. Keep one of the two."
    ]
    assert file.value == {"a": 1, "b": 2}


def test_a_file_that_is_not_there_or_too_large_is_named(tmp_path: Path) -> None:
    (tmp_path / "loop.yml").symlink_to(tmp_path / "loop.yml")
    with (tmp_path / "large.yml").open("wb") as file:
        file.truncate(50_000_001)
    messages: list[str] = []
    for name in ("missing.yml", "loop.yml", "large.yml", "."):
        with pytest.raises(UnreadableFileError) as caught:
            read_yaml(tmp_path / name, root=tmp_path)
        messages.append(caught.value.problem.format())
    assert messages == [
        "missing.yml: error: The file does not exist.",
        "loop.yml: error: The file cannot be read: too many levels of symbolic links.",
        "large.yml: error: The file is larger than 50 MB. Split it into several files.",
        ".: error: A file is expected, but this is a folder.",
    ]


def read_carefully(text: str) -> Any:
    return compose_tree(text).value


def is_same(left: object, right: object) -> bool:
    """Equal in value and type, with NaN equal to itself."""
    match left, right:
        case dict(), dict():
            return list(left) == list(right) and all(is_same(left[key], right[key]) for key in left)
        case list(), list():
            return len(left) == len(right) and all(map(is_same, left, right))
        case float(), float():
            return left == right or (math.isnan(left) and math.isnan(right))
        case _:
            return type(left) is type(right) and left == right


plain_scalars = st.text(st.sampled_from("0123456789+-.eExobinfNaAFtrulTRUEyYs_~ :'"), max_size=12)


@given(plain_scalars)
def test_both_paths_agree_on_every_plain_scalar(scalar: str) -> None:
    text = f"key: {scalar}\n"
    try:
        quick = read_quickly(text)
    except Exception:
        # What the quick path refuses, the careful one reads or explains.
        return
    assert is_same(quick, read_carefully(text))


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(values, st.booleans(), st.sampled_from([None, "'", '"', "|"]))
def test_both_paths_agree_on_every_document(value: object, in_flow: bool, style: str | None) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=in_flow, default_style=style)
    try:
        quick = read_quickly(text)
    except Exception:
        return
    careful = compose_tree(text)
    assert not careful.findings
    assert is_same(quick, careful.value)


@given(st.text(st.sampled_from("ab:-[]{}'\"#&*!|>%@\n\t ,?<\\0"), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(YamlSyntaxError):
        parse_yaml(text)


@pytest.mark.parametrize(
    "text",
    [
        "stories:\n- story: a\n  steps:\n  - x: 1\n  - y: 2\n# aside\n- story: b\n",
        "other:\n  - 1\nstories:   \n\n  # aside\n  - story: a\n    text: |\n      - no entry\n  - b\nlast:\n  - c\n",
        "stories: # aside\n  - a\n  - b\n",
        "stories: [a, b]\n",
        "stories:\n  -\n    story: a\n  - b\n",
        'stories:\n- "a\n- still a"\n- b\n',
        "stories:\r\n- a\r\n- b\r\n",
    ],
)
def test_the_line_of_an_entry_is_that_of_the_careful_reading(tmp_path: Path, text: str) -> None:
    path = tmp_path / "stories.yml"
    path.write_bytes(text.encode())
    tree = compose_tree(text)
    node = tree.find_child("stories")
    assert node is not None
    for position in range(2):
        entry = node.find_child(position)
        assert entry is not None
        assert read_yaml(path).find_line(("stories", position)) == entry.line
