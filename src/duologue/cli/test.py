"""`duologue test`: the conversations that an assistant must hold."""

from duologue.cli.lazy_group import Entry, LazyGroup

test_group = LazyGroup(
    name="test",
    entries={
        "e2e": Entry("duologue.cli.test_e2e", "run_e2e_tests", "Run whole conversations against it."),
        "du": Entry("duologue.cli.test_du", "run_du_tests", "Judge how well it understands."),
    },
    later={"nlu": "", "core": ""},
    summary="Run an assistant's own tests.",
)
