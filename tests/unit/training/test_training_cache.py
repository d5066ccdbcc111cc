"""What was trained before is found again, or as good as never kept."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from duologue.training.training_cache import TrainingCache

FILES = {"a.json": b"{}", "deep/b": b"\x00\xff"}


def list_entries(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.trained"))


def test_what_is_kept_is_found_by_another_process(tmp_path: Path) -> None:
    TrainingCache(tmp_path / "new").keep("one", FILES)
    assert TrainingCache(tmp_path / "new").find("one") == FILES
    assert TrainingCache(tmp_path / "new").find("two") is None


@pytest.mark.parametrize(
    "damage", [lambda content: content[:-1], lambda content: b"", lambda content: b"x" * 99]
)
def test_a_damaged_entry_is_as_good_as_none(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    cache = TrainingCache(tmp_path)
    cache.keep("one", FILES)
    (entry,) = list_entries(tmp_path)
    entry.write_bytes(damage(entry.read_bytes()))
    assert cache.find("one") is None
    cache.keep("one", FILES)
    assert cache.find("one") == FILES


def test_beyond_the_bound_what_was_used_longest_ago_goes(tmp_path: Path) -> None:
    cache = TrainingCache(tmp_path, most_bytes=2500)
    for age, name in enumerate(("first", "second")):
        cache.keep(name, {"file": bytes(1000)})
        os.utime(max(list_entries(tmp_path), key=lambda path: path.stat().st_mtime_ns), (age, age))
    assert cache.find("first") is not None
    cache.keep("third", {"file": bytes(1000)})
    assert [cache.find(name) is not None for name in ("first", "second", "third")] == [True, False, True]


def test_a_folder_that_cannot_be_written_to_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = TrainingCache(tmp_path / "file" / "below")
    cache.keep("one", FILES)
    assert cache.find("one") is None
