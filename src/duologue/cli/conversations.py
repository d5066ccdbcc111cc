"""`duologue conversations`: what is kept of people, for those who answer for it."""

from duologue.cli.lazy_group import Entry, LazyGroup

conversations_group = LazyGroup(
    name="conversations",
    entries={
        "list": Entry("duologue.cli.conversations_read", "list_conversations", "List conversations."),
        "show": Entry("duologue.cli.conversations_read", "show_conversation", "Show one conversation."),
        "export": Entry(
            "duologue.cli.conversations_read",
            "export_person",
            "Write all that is kept of one person to a file.",
        ),
        "delete": Entry("duologue.cli.conversations_delete", "delete_conversations", "Delete for good."),
    },
    later={},
    summary="List, show, hand out or delete what is kept of conversations.",
)
