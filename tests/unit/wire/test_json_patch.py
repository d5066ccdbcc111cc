"""JSON patches of other servers are applied as RFC 6902 says."""

from typing import Any

import pytest

from duologue.wire.json_patch import apply_patch
from duologue.wire.members import MalformedError


@pytest.mark.parametrize(
    ("document", "patch", "expected"),
    [
        ([1, 2], [{"op": "add", "path": "/1", "value": 9}], [1, 9, 2]),
        ([1, 2], [{"op": "add", "path": "/2", "value": 9}], [1, 2, 9]),
        ([1, 2], [{"op": "add", "path": "/-", "value": 9}], [1, 2, 9]),
        ({"a": 1}, [{"op": "add", "path": "/b", "value": None}], {"a": 1, "b": None}),
        ({"a": 1}, [{"op": "add", "path": "/a", "value": 2}], {"a": 2}),
        ([1, 2], [{"op": "remove", "path": "/0"}], [2]),
        ({"a": {"b": 1}}, [{"op": "remove", "path": "/a/b"}], {"a": {}}),
        ([1, 2], [{"op": "replace", "path": "/0", "value": 3}], [3, 2]),
        ([1, 2], [{"op": "replace", "path": "", "value": []}], []),
        ([1, 2, 3], [{"op": "move", "from": "/0", "path": "/2"}], [2, 3, 1]),
        ({"a": [1]}, [{"op": "copy", "from": "/a", "path": "/b"}], {"a": [1], "b": [1]}),
        ({"a/b": 1, "m~n": 2}, [{"op": "remove", "path": "/a~1b"}, {"op": "remove", "path": "/m~0n"}], {}),
        ([1], [{"op": "test", "path": "/0", "value": 1}, {"op": "remove", "path": "/0"}], []),
        ({"": 1}, [{"op": "replace", "path": "/", "value": 2}], {"": 2}),
    ],
)
def test_each_operation_does_what_the_standard_says(
    document: Any, patch: list[dict[str, Any]], expected: object
) -> None:
    assert apply_patch(document, patch) == expected


def test_the_given_document_stays_as_it_was() -> None:
    document = {"frames": [{"step": 1}]}
    assert apply_patch(document, [{"op": "replace", "path": "/frames/0/step", "value": 2}]) == {
        "frames": [{"step": 2}]
    }
    assert document == {"frames": [{"step": 1}]}


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/5"},
        {"op": "remove", "path": "/-"},
        {"op": "remove", "path": "/01x"},
        {"op": "add", "path": "/9", "value": 1},
        {"op": "add", "path": "/0/x", "value": 1},
        {"op": "replace", "path": "/0"},
        {"op": "test", "path": "/0", "value": 2},
        {"op": "move", "path": "/0"},
        {"op": "invent", "path": "/0"},
        {"op": "remove", "path": "0"},
        {"op": "remove"},
        "remove",
    ],
)
def test_an_operation_that_cannot_be_done_is_refused(operation: object) -> None:
    with pytest.raises(MalformedError):
        apply_patch([1], [operation])
