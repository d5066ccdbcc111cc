"""Flows are read in every form that authors have used."""

from pathlib import Path
from textwrap import dedent, indent

import pytest

from duologue.core.slots import Rejection
from duologue.flows.flow import Flow, NluTrigger
from duologue.flows.steps import ActionStep, Branch, CallStep, CollectStep, LinkStep, NoopStep, SetSlotsStep
from tests.unit.project.written_project import read_definition, read_written


def read_flow(folder: Path, flow: str) -> Flow:
    """The flow `f` of a project that must have no problem at all."""
    definition = read_definition(folder, {"data/flows.yml": "flows:\n  f:\n" + indent(dedent(flow), "    ")})
    return next(found for found in definition.flows if found.id == "f")


def list_problems(folder: Path, flow: str) -> list[str]:
    reading = read_written(folder, {"data/flows.yml": "flows:\n  f:\n" + indent(dedent(flow), "    ")})
    return [problem.format() for problem in reading.problems]


def test_all_step_kinds_are_read_and_named_by_their_place(tmp_path: Path) -> None:
    flow = read_flow(
        tmp_path,
        """\
        description: Everything.
        steps:
          - collect: amount
          - action: utter_hello
          - id: named
            action: check
          - set_slots:
              - amount: 5
              - city: null
          - call: child
          - noop: true
            next: named
          - link: other
        """,
    )
    assert flow.steps == (
        CollectStep(id="0_collect_amount", slot="amount"),
        ActionStep(id="1_utter_hello", action="utter_hello"),
        ActionStep(id="named", action="check"),
        SetSlotsStep(id="3_set_slots", slots=(("amount", 5), ("city", None))),
        CallStep(id="4_call_child", flow_id="child"),
        NoopStep(id="5_noop", next="named"),
        LinkStep(id="6_link_other", flow_id="other"),
    )


def test_nested_steps_are_laid_flat_and_lead_to_the_end(tmp_path: Path) -> None:
    flow = read_flow(
        tmp_path,
        """\
        description: Nested.
        steps:
          - collect: a
            next:
              - if: slots.a = 1
                then:
                  - action: one
                  - collect: b
                    next:
                      - if: slots.b
                        then: last
                      - else:
                          - link: other
              - if: true
                then: END
              - else:
                  - action: three
                    next: last
          - id: last
            action: four
        """,
    )
    assert flow.steps == (
        CollectStep(
            id="0_collect_a",
            slot="a",
            next=(
                Branch(condition="slots.a = 1", target="1_one"),
                Branch(condition=True, target="END"),
                Branch(target="4_three"),
            ),
        ),
        ActionStep(id="1_one", action="one"),
        CollectStep(
            id="2_collect_b",
            slot="b",
            next=(Branch(condition="slots.b", target="last"), Branch(target="3_link_other")),
        ),
        LinkStep(id="3_link_other", flow_id="other"),
        ActionStep(id="4_three", action="three", next="last"),
        ActionStep(id="last", action="four"),
    )


def test_the_last_nested_step_ends_the_flow_if_it_does_not_say_where_to_go(tmp_path: Path) -> None:
    flow = read_flow(
        tmp_path,
        """\
        description: Inline.
        steps:
          - noop: true
            next:
              - action: one
              - action: two
          - action: three
        """,
    )
    assert [(step.id, step.next) for step in flow.steps] == [
        ("0_noop", "1_one"),
        ("1_one", None),
        ("2_two", "END"),
        ("3_three", None),
    ]


def test_every_property_of_a_collect_step_is_read(tmp_path: Path) -> None:
    flow = read_flow(
        tmp_path,
        """\
        description: Ask.
        steps:
          - collect: amount
            description: how much
            utter: utter_how_much
            ask_before_filling: true
            reset_after_flow_ends: false
            force_slot_filling: true
            silence_timeout:
              twilio: 4
              genesys: 2.5
            dtmf: {length: 4}
            metadata: {kind: money}
            rejections:
              - if: slots.amount < 0
                utter: utter_too_little
        """,
    )
    assert flow.steps == (
        CollectStep(
            id="0_collect_amount",
            slot="amount",
            description="how much",
            utter="utter_how_much",
            ask_before_filling=True,
            reset_after_flow_ends=False,
            force_slot_filling=True,
            silence_timeout={"twilio": 4.0, "genesys": 2.5},
            dtmf={"length": 4},
            metadata={"kind": "money"},
            rejections=(Rejection(condition="slots.amount < 0", utter="utter_too_little"),),
        ),
    )


def test_the_nested_form_of_collect_says_the_same(tmp_path: Path) -> None:
    flow = read_flow(
        tmp_path,
        """\
        description: Ask.
        steps:
          - collect:
              name: amount
              silence_timeout: 3
            next: END
        """,
    )
    assert flow.steps == (CollectStep(id="0_collect_amount", slot="amount", silence_timeout=3.0, next="END"),)


def test_every_property_of_a_flow_is_read(tmp_path: Path) -> None:
    flow = read_flow(
        tmp_path,
        """\
        name: Transfer
        description: |
          Send money.
        if: slots.logged_in
        always_include_in_prompt: true
        run_pattern_completed: false
        nlu_trigger:
          - transfer
          - intent: send
          - intent:
              name: pay
              confidence_threshold: 0.7
        persisted_slots: [amount]
        translation:
          de:
            name: Überweisen
        steps:
          - action: go
        """,
    )
    assert flow == Flow(
        id="f",
        name="Transfer",
        description="Send money.",
        guard="slots.logged_in",
        always_include_in_prompt=True,
        run_pattern_completed=False,
        nlu_triggers=(
            NluTrigger(intent="transfer"),
            NluTrigger(intent="send"),
            NluTrigger(intent="pay", confidence_threshold=0.7),
        ),
        persisted_slots=("amount",),
        translations={"de": "Überweisen"},
        steps=(ActionStep(id="0_go", action="go"),),
    )


def test_a_flow_without_a_name_is_called_after_its_id(tmp_path: Path) -> None:
    definition = read_definition(
        tmp_path, {"data/f.yml": "flows:\n  block-my_card:\n    description: d\n    steps: [{action: go}]\n"}
    )
    assert definition.flows[0].name == "block my card"


def test_an_early_else_with_a_stray_next_is_accepted_with_a_warning(tmp_path: Path) -> None:
    problems = list_problems(
        tmp_path,
        """\
        description: Early.
        steps:
          - collect: a
            next:
              - if: a
                then: END
              - else: last
                next: END
          - id: last
            action: go
        """,
    )
    assert problems == [
        "data/flows.yml:10: warning: `next` beside `else` is ignored. Put it into a step of the branch."
    ]


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        (
            "- colect: a",
            "data/flows.yml:5: error: A step must be one of action, collect, set_slots, link, call, noop. Did you mean `collect`?",
        ),
        (
            "- {collect: a, action: b}",
            "data/flows.yml:5: error: A step is `action` and `collect` at once. Make two steps of it.",
        ),
        (
            "- next: END",
            "data/flows.yml:5: error: A step that only branches needs `noop: true`. Add `noop: true` to it.",
        ),
        ("- noop: true", "data/flows.yml:5: error: A `noop` step needs `next`."),
        (
            "- {link: other, next: END}",
            "data/flows.yml:5: error: A `link` ends the flow, so it takes no `next`. Use `call` to come back.",
        ),
        (
            "- {call: tool, mcp_server: trade}",
            "data/flows.yml:5: error: Calling a tool of an MCP server is not supported yet (`mcp_server`).",
        ),
        (
            "- {call: helper, exit_if: [slots.a]}",
            "data/flows.yml:5: error: Calling a sub agent is not supported yet (`exit_if`).",
        ),
        (
            "- generation_prompt: hello",
            "data/flows.yml:5: error: The experimental step `generation_prompt` is not supported yet (`generation_prompt`).",
        ),
        ("- hello", "data/flows.yml:5: error: Every entry of `steps` must be a mapping, not `hello`."),
        ("- action:", "data/flows.yml:5: error: The `action` step names nothing."),
        (
            "- {action: a, id: x}\n- {action: b, id: x}",
            "data/flows.yml:6: error: The step id `x` is already taken at data/flows.yml:5. Choose another id.",
        ),
        (
            "- {action: a, nxet: END}",
            "data/flows.yml:5: warning: The `action` step has an unknown key `nxet`; it is ignored. Did you mean `next`?",
        ),
        (
            "- {collect: a, ask_before_filling: yes}",
            "data/flows.yml:5: warning: `ask_before_filling` is written as `yes`. Write `true`.",
        ),
        (
            "- {collect: a, ask_before_filling: maybe}",
            "data/flows.yml:5: error: `ask_before_filling` must be `true` or `false`, not `maybe`.",
        ),
        (
            "- {collect: a, silence_timeout: 0}",
            "data/flows.yml:5: error: `silence_timeout` must be a number of seconds above 0, or such a number for each channel, not `0`.",
        ),
        (
            "- {collect: a, rejections: [{if: slots.a}]}",
            "data/flows.yml:5: error: A rejection has no `utter`. It needs `if` and `utter`.",
        ),
        (
            "- {collect: a, next: [{if: x}, {else: END}]}",
            "data/flows.yml:5: error: A branch needs `if` and `then`, or `else`.",
        ),
        (
            "- {collect: a, next: [{else: END}, {if: x, then: END}]}",
            "data/flows.yml:5: error: `else` must be the last branch. Branches below it are never taken.",
        ),
        (
            "- {collect: a, next: []}",
            "data/flows.yml:5: warning: `next` is an empty list; the flow ends here. Write `next: END`.",
        ),
        (
            "- {collect: a, block_digressions: true}",
            "data/flows.yml:5: warning: `block_digressions` no longer exists; it is ignored. Remove it.",
        ),
        ("- set_slots:", "data/flows.yml:5: error: The `set_slots` step sets nothing."),
    ],
)
def test_a_step_that_is_not_right_is_named_with_its_line(tmp_path: Path, steps: str, message: str) -> None:
    assert list_problems(tmp_path, f"description: d\nsteps:\n{indent(steps, '  ')}\n") == [message]


@pytest.mark.parametrize(
    ("flow", "message"),
    [
        (
            "-f: {description: d, steps: [{action: a}]}",
            "data/f.yml:2: error: `-f` cannot be a flow id. Use letters, digits, `_` and `-`, and do not begin with `-`.",
        ),
        ("f: hello", "data/f.yml:2: error: The flow `f` must be a mapping with `description` and `steps`."),
        (
            "f: {descripton: d, steps: [{action: a}]}",
            "data/f.yml:2: warning: The flow `f` has an unknown key `descripton`; it is ignored. Did you mean `description`?",
        ),
        (
            "f: {nlu_trigger: [{name: x}], steps: [{action: a}]}",
            "data/f.yml:2: error: An NLU trigger must name an `intent`, not a mapping.",
        ),
        (
            "f: {nlu_trigger: [{intent: {name: x, confidence_threshold: 7}}], steps: [{action: a}]}",
            "data/f.yml:2: error: `confidence_threshold` must lie between 0 and 1, not `7`.",
        ),
    ],
)
def test_a_flow_that_is_not_right_is_named_with_its_line(tmp_path: Path, flow: str, message: str) -> None:
    reading = read_written(tmp_path, {"data/f.yml": f"flows:\n  {flow}\n"})
    assert [problem.format() for problem in reading.problems] == [message]


def test_a_flow_in_two_files_names_both_places(tmp_path: Path) -> None:
    flow = "flows:\n  f:\n    description: d\n    steps: [{action: a}]\n"
    reading = read_written(tmp_path, {"data/a.yml": flow, "data/deep/b.yaml": flow})
    assert [problem.format() for problem in reading.problems] == [
        "data/deep/b.yaml:2: error: The flow `f` is already defined at data/a.yml:2. Give one of them another id."
    ]
