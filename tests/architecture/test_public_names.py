"""The names that others import; a change here is a promise made or broken, so it is made on purpose."""

from inline_snapshot import snapshot

import duologue.sdk


def test_the_names_of_the_sdk_are_these() -> None:
    assert sorted(duologue.sdk.__all__) == snapshot(
        [
            "Action",
            "ActionExecutionRejection",
            "CallContext",
            "CollectingDispatcher",
            "DomainDict",
            "EventType",
            "FormValidationAction",
            "FunctionAction",
            "Tracker",
            "ValidationAction",
            "action",
            "current_call",
            "effect_transaction",
            "get_http_client",
            "get_secret",
        ]
    )
