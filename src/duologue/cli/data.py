"""`duologue data`: what concerns the files of an assistant."""

from duologue.cli.lazy_group import Entry, LazyGroup

data_group = LazyGroup(
    name="data",
    entries={
        "validate": Entry(
            "duologue.cli.data_validate", "validate_data", "Check the files and say what is wrong where."
        )
    },
    later={"convert": "", "migrate": "", "split": ""},
    summary="Check the files of an assistant.",
)
