"""`duologue data`: what concerns the files of an assistant."""

from duologue.cli.lazy_group import Entry, LazyGroup

data_group = LazyGroup(
    name="data",
    entries={
        "validate": Entry(
            "duologue.cli.data_validate", "validate_data", "Check the files and say what is wrong where."
        ),
        "split": Entry(
            "duologue.cli.data_split", "split_group", "Set part of the training data aside, to judge by it."
        ),
        "convert": Entry(
            "duologue.cli.data_convert", "convert_data", "Convert training data of Rasa 1 to YAML."
        ),
        "migrate": Entry(
            "duologue.cli.data_migrate",
            "migrate_project",
            "Rewrite a project of Rasa 1 or 2 in today's format.",
        ),
    },
    later={},
    summary="Check, convert and split the files of an assistant.",
)
