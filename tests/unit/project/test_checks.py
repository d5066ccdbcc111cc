"""Every check names the place, what is wrong and how to mend it; a sound project has nothing to report."""

from pathlib import Path

import pytest

from duologue.project.checks import validate_translations
from tests.unit.project.written_project import read_written, validate_written

DOMAIN = """\
version: "3.1"
intents: [pay]
entities: [number]
slots:
  amount: {type: float, mappings: [{type: from_llm}]}
  sure: {type: bool, mappings: [{type: from_llm}]}
  kind: {type: categorical, values: [Card, Cash], mappings: [{type: from_llm}]}
  things: {type: list, mappings: [{type: controlled}]}
actions: [action_pay]
responses:
  utter_ask_amount: [{text: How much?}]
  utter_ask_sure: [{text: Sure?}]
  utter_ask_kind: [{text: How?}]
  utter_done: [{text: Done.}]
"""

FLOWS = """\
flows:
  pay:
    description: Pay a bill.
    nlu_trigger: [{intent: pay}]
    persisted_slots: [amount]
    steps:
      - collect: amount
        rejections: [{if: slots.amount < 0, utter: utter_done}]
      - collect: kind
        next:
          - if: slots.kind = 'Card' or slots.amount > 5
            then: [{call: confirm}]
          - else: confirmed
      - id: confirmed
        collect: sure
        next:
          - if: slots.sure
            then: [{action: action_pay, next: END}]
          - else: END
  confirm:
    description: Never started by the user.
    if: false
    steps:
      - collect: sure
      - action: utter_done
"""

ACTIONS = "class Pay:\n    name = 'action_pay'  # looks at things\n"


def list_problems(folder: Path, **files: str) -> list[str]:
    """Problems of the sound project with some of its files replaced."""
    written = {"domain.yml": DOMAIN, "data/flows.yml": FLOWS, "actions/actions.py": ACTIONS}
    extra = {f"{name.replace('__', '/')}.yml": text for name, text in files.items()}
    return [problem.format() for problem in validate_written(folder, {**written, **extra})]


def list_flow_problems(folder: Path, flow: str) -> list[str]:
    """Problems of one more flow, `f`, written from line 2 on."""
    return list_problems(folder, data__f="flows:\n  f:\n" + flow)


def test_a_sound_project_has_no_problem(tmp_path: Path) -> None:
    assert list_problems(tmp_path) == []


@pytest.mark.parametrize(
    ("steps", "messages"),
    [
        (
            "{action: utter_dnoe}",
            [
                "data/f.yml:5: error: The step runs the response `utter_dnoe`, which does not exist. Did you mean `utter_done`?"
            ],
        ),
        (
            "{action: action_pey}",
            [
                "data/f.yml:5: error: The step runs the action `action_pey`, which the domain does not declare. Did you mean `action_pay`?"
            ],
        ),
        ("{action: 'validate_{{context.collect}}'}", []),
        ("{action: action_listen}", []),
        (
            "{collect: amnt}",
            [
                "data/f.yml:5: error: The step asks for the slot `amnt`, which the domain does not declare. Did you mean `amount`?"
            ],
        ),
        (
            "{collect: things}",
            [
                "data/f.yml:5: error: The list slot `things` cannot be asked for. Only custom actions fill list slots.",
                "data/f.yml:5: error: Nothing asks for the slot `things`. Define the response `utter_ask_things` or the action `action_ask_things`.",
            ],
        ),
        (
            "{collect: amount, utter: utter_ask_amont}",
            [
                "data/f.yml:5: error: The step asks with the response `utter_ask_amont`, which does not exist. Did you mean `utter_ask_amount`?"
            ],
        ),
        (
            "{collect: amount, rejections: [{if: slots.sure, utter: utter_done}]}",
            [
                "data/f.yml:5: warning: The condition about `amount` also looks at `sure`. Check that slot at its own step."
            ],
        ),
        (
            "{collect: amount, rejections: [{if: slots.amount <, utter: utter_no}]}",
            [
                "data/f.yml:5: error: The condition cannot be read. The condition ends too early at column 15; a value, a name or a condition is missing.",
                "data/f.yml:5: error: The rejection says the response `utter_no`, which does not exist. Define it under `responses:`.",
            ],
        ),
        (
            "{set_slots: [{kind: Cheque}]}",
            [
                "data/f.yml:5: error: The categorical slot `kind` cannot be `Cheque`: 'Cheque' is not one of Card, Cash."
            ],
        ),
        ("{set_slots: [{kind: card}, {amount: null}, {sure: yes}]}", []),
        ("{set_slots: [{kind: '{{context.x}}'}]}", []),
        (
            "{set_slots: [{things: [1]}]}",
            [
                "data/f.yml:5: error: A flow cannot set the list slot `things`. Only custom actions fill list slots."
            ],
        ),
        (
            "{link: paay}",
            [
                "data/f.yml:5: error: The step links to the flow `paay`, which does not exist. Did you mean `pay`?"
            ],
        ),
        ("{link: pattern_human_handoff}", []),
        (
            "{link: pattern_search}",
            [
                "data/f.yml:5: error: A flow cannot link to `pattern_search`. Only `pattern_human_handoff` can be linked to."
            ],
        ),
        (
            "{call: nothing}",
            ["data/f.yml:5: error: The step calls the flow `nothing`, which does not exist."],
        ),
        (
            "{call: f}",
            ["data/f.yml:5: warning: The flow `f` calls itself, by way of `f`. Make sure that it ends."],
        ),
        ("{call: pattern_search}", ["data/f.yml:5: error: A flow cannot call the pattern `pattern_search`."]),
        (
            "{action: utter_done, next: lst}",
            [
                "data/f.yml:5: error: `next` leads to `lst`, but the flow `f` has no such step. Give a step this `id`, or write `END`."
            ],
        ),
        (
            "{noop: true, next: [{if: slots.sure, then: END}]}",
            [
                "data/f.yml:5: warning: The branches have no `else`; if none of them is true, the flow breaks off with an error. Add an `else`."
            ],
        ),
        ("{noop: true, next: [{if: slots.sure, then: END}, {if: true, then: END}]}", []),
        (
            "{noop: true, next: [{if: 1 = 1, then: END}, {else: END}]}",
            ["data/f.yml:5: warning: The condition is always true."],
        ),
        (
            "{noop: true, next: [{if: sure, then: END}, {else: END}]}",
            [
                "data/f.yml:5: warning: The condition names `sure` without `slots.`, an older spelling. Write `slots.sure`."
            ],
        ),
        (
            "{noop: true, next: [{if: slots.kind = Card, then: END}, {else: END}]}",
            [
                "data/f.yml:5: error: `Card` is neither a slot nor a text in quotes. A text is written `'Card'`."
            ],
        ),
        (
            "{noop: true, next: [{if: slots.shure, then: END}, {else: END}]}",
            [
                "data/f.yml:5: error: The condition looks at the slot `shure`, which the domain does not declare. Did you mean `sure`?"
            ],
        ),
        (
            "{noop: true, next: [{if: slots.kind = 'card', then: END}, {else: END}]}",
            ["data/f.yml:5: error: The categorical slot `kind` is never `card`. It is spelt `Card`."],
        ),
        (
            "{noop: true, next: [{if: slots.sure = 'yes', then: END}, {else: END}]}",
            [
                "data/f.yml:5: error: The bool slot `sure` is never `yes`. Compare with `true` or `false`, without quotes."
            ],
        ),
        (
            "{noop: true, next: [{if: slots.amount = '5', then: END}, {else: END}]}",
            [
                "data/f.yml:5: error: The float slot `amount` is never `5`. Compare with a number, without quotes."
            ],
        ),
        (
            "{noop: true, next: [{if: \"{'Card' 'Chip'} contains slots.kind\", then: END}, {else: END}]}",
            [
                "data/f.yml:5: warning: The categorical slot `kind` is never `Chip`. Its values are Card, Cash."
            ],
        ),
        (
            "{noop: true, next: [{if: context.reason = 'x', then: END}, {else: END}]}",
            [
                "data/f.yml:5: warning: Only patterns have a `context`; here it is always empty. Look at a slot instead."
            ],
        ),
        (
            "{action: utter_done, id: END}",
            ["data/f.yml:5: error: `END` cannot be the id of a step. Choose another."],
        ),
        (
            "{action: utter_done, id: a, next: a}",
            [
                "data/f.yml:5: error: From `a` the flow `f` goes round in circles and never ends. Lead out of the circle with a branch or a question."
            ],
        ),
        (
            "{action: utter_done, next: END}, {action: utter_done}",
            ["data/f.yml:5: warning: No step of `f` leads to `1_utter_done`. Remove it, or lead there."],
        ),
    ],
)
def test_steps_are_checked(tmp_path: Path, steps: str, messages: list[str]) -> None:
    flow = f"    description: Something else.\n    steps:\n      [{steps}]\n"
    assert list_flow_problems(tmp_path, flow) == messages


@pytest.mark.parametrize(
    ("flow", "messages"),
    [
        (
            "    steps: [{action: utter_done}]\n",
            [
                "data/f.yml:2: error: The flow `f` has no description. Say in a sentence what the user wants; understanding needs it."
            ],
        ),
        (
            "    description: a\n    steps: []\n",
            ["data/f.yml:2: warning: The flow `f` has no steps. List them under `steps:`."],
        ),
        (
            "    description: a\n    name: pay!\n    steps: [{action: utter_done}]\n",
            [
                "data/flows.yml:2: error: The flow `pay` has the same name as `f`. Understanding cannot tell them apart; reword one."
            ],
        ),
        (
            "    description: pay a bill\n    steps: [{action: utter_done}]\n",
            [
                "data/flows.yml:3: error: The flow `pay` has the same description as `f`. Understanding cannot tell them apart; reword one."
            ],
        ),
        (
            "    description: a\n    if: slots.sure and\n    steps: [{action: utter_done}]\n",
            [
                "data/f.yml:4: error: The condition cannot be read. The condition ends too early at column 15; a value, a name or a condition is missing."
            ],
        ),
        (
            "    description: a\n    nlu_trigger: [pya]\n    steps: [{action: utter_done}]\n",
            [
                "data/f.yml:4: error: The flow `f` is triggered by the intent `pya`, which the domain does not declare. Did you mean `pay`?"
            ],
        ),
        (
            "    description: a\n    persisted_slots: [kind]\n    steps: [{collect: amount}]\n",
            [
                "data/f.yml:4: error: The flow `f` keeps the slot `kind` but never fills it. Only slots of its `collect` and `set_slots` steps can be kept."
            ],
        ),
        ("    description: a\n    persisted_slots: [sure]\n    steps: [{call: confirm}]\n", []),
        (
            "    description: a\n    persisted_slots: [amount]\n    steps:\n    - collect: amount\n      reset_after_flow_ends: false\n",
            [
                "data/f.yml:7: error: `reset_after_flow_ends` cannot stand beside `persisted_slots` of the flow. Add `amount` to `persisted_slots` instead."
            ],
        ),
    ],
)
def test_flows_are_checked(tmp_path: Path, flow: str, messages: list[str]) -> None:
    assert list_flow_problems(tmp_path, flow) == messages


@pytest.mark.parametrize(
    ("flows", "messages"),
    [
        (
            "pattern_chitchat: {description: c, steps: [{call: pay}]}",
            ["data/f.yml:2: error: A pattern cannot call a flow. Use `link`."],
        ),
        (
            "pattern_chitchat: {steps: [{link: pay}]}",
            [
                "data/f.yml:2: warning: The flow `pattern_chitchat` has no description. Say in a sentence what it is for."
            ],
        ),
        (
            "pattern_internal_error: {description: e, steps: [{link: pay}]}",
            ["data/f.yml:2: error: `pattern_internal_error` may not link to a flow."],
        ),
        (
            "pattern_chitchta: {description: e, steps: [{link: pay}]}",
            [
                "data/f.yml:2: warning: There is no pattern `pattern_chitchta` to override. Did you mean `pattern_chitchat`?"
            ],
        ),
        (
            "a: {description: a, steps: [{call: b}]}\n  b: {description: b, steps: [{link: pay}]}",
            [
                "data/f.yml:2: error: The called flow `b` holds a `link`, so it never comes back. Link to it instead."
            ],
        ),
    ],
)
def test_patterns_and_calls_are_checked(tmp_path: Path, flows: str, messages: list[str]) -> None:
    assert list_problems(tmp_path, data__f=f"flows:\n  {flows}\n") == messages


def test_a_question_asked_by_a_response_and_an_action_is_an_error(tmp_path: Path) -> None:
    assert list_problems(tmp_path, domain__more="actions: [action_ask_amount]\n") == [
        "data/flows.yml:7: error: Both `utter_ask_amount` and `action_ask_amount` ask for `amount`. Keep one of the two."
    ]


@pytest.mark.parametrize(
    ("slots", "messages"),
    [
        ("a: {type: categorical}", ["warning: The categorical slot `a` has no `values`. List them."]),
        (
            "a: {type: categorical, values: [Yes, yes]}",
            [
                "warning: The values `Yes` and `yes` of `a` differ in case only. The first one is always taken."
            ],
        ),
        ("a: {type: float, initial_value: ten}", ["error: The float slot `a` cannot begin with `ten`."]),
        (
            "a: {type: categorical, values: [x], initial_value: y}",
            ["error: The categorical slot `a` cannot begin with `y`. Its values are x."],
        ),
        ("a: {type: list, initial_value: y}", ["error: The list slot `a` must begin with a list."]),
        (
            "a: {type: float, min_value: 5, max_value: 2}",
            ["error: `min_value` of `a` must be less than `max_value`."],
        ),
        (
            "'a(b)': {type: text}",
            ["warning: No payload can set the slot `a(b)`. Leave `(`, `)`, `=` and `,` out of its name."],
        ),
        (
            "a: {type: text, mappings: [{type: from_entity}]}",
            ["error: A `from_entity` mapping needs `entity`."],
        ),
        (
            "a: {type: text, mappings: [{type: from_entity, entity: numbr}]}",
            [
                "warning: The slot `a` is filled from the entity `numbr`, which the domain does not declare. Did you mean `number`?"
            ],
        ),
        (
            "a: {type: text, mappings: [{type: from_intent, value: 1, intent: pey}]}",
            [
                "warning: The mapping names the intent `pey`, which the domain does not declare. Did you mean `pay`?"
            ],
        ),
        (
            "a: {type: text, mappings: [{type: controlled, run_action_every_turn: action_x}]}",
            [
                "error: The mapping runs the action `action_x`, which the domain does not declare. Declare it under `actions:`."
            ],
        ),
        (
            "a: {type: text, mappings: [{type: from_text, conditions: [{active_flow: pya}]}]}",
            ["error: The mapping waits for the flow `pya`, which does not exist. Did you mean `pay`?"],
        ),
        (
            "a: {type: text, mappings: [{type: from_text, conditions: [{active_loop: form}]}]}",
            ["warning: The mapping waits for the form `form`, which does not exist."],
        ),
        (
            "a: {type: text, validation: {rejections: [{if: slots.a = 'x', utter: utter_done}]}}",
            [
                "error: Nothing asks for the slot `a` again when its value is refused. Define `utter_ask_a`, or name a response as `refill_utter`."
            ],
        ),
        (
            "a: {type: text, validation: {rejections: [{if: slots.a = 'x', utter: utter_done}], refill_utter: utter_done}}",
            [],
        ),
    ],
)
def test_slots_are_checked(tmp_path: Path, slots: str, messages: list[str]) -> None:
    unused = "warning: The slot `a` is never used. Remove it, or use it."
    # Action code somewhere else may use the slots, so none is reported as unused.
    found = list_problems(tmp_path, domain__more=f"slots: {{{slots}}}\n", actions__code="")
    assert [message for message in found if unused not in message and "never used" not in message] == [
        f"domain/more.yml:1: {message}" for message in messages
    ]


@pytest.mark.parametrize(
    ("variation", "messages"),
    [
        (
            "{text: a, channel: slak}",
            [
                "warning: `utter_done` has a variation for the channel `slak`, which is not known. Did you mean `slack`?"
            ],
        ),
        (
            "{text: a, condition: slots.sure}",
            [
                "warning: Every variation of `utter_done` has a condition; if none is true, nothing can be said. Add one without a condition."
            ],
        ),
        (
            "{text: a, condition: [{type: slot, name: shure, value: true}]}, {text: b}",
            [
                "error: The condition looks at the slot `shure`, which the domain does not declare. Did you mean `sure`?"
            ],
        ),
        (
            "{text: a, condition: slots.sure is}, {text: b}",
            [
                "error: The condition cannot be read. The condition ends too early at column 14; a value, a name or a condition is missing."
            ],
        ),
        (
            "{text: a, id: x}, {text: b, id: x}",
            ["warning: `utter_done` has several variations with the id `x`. Ids must differ."],
        ),
        ("{text: '{% if %}', metadata: {template: jinja}}", ["error: The template cannot be read."]),
        (
            "{text: a, translation: {de: b}}",
            [
                "warning: `utter_done` is translated into de, which the assistant does not speak. Add it to `additional_languages` in the configuration."
            ],
        ),
    ],
)
def test_responses_are_checked(tmp_path: Path, variation: str, messages: list[str]) -> None:
    domain = DOMAIN.replace("utter_done: [{text: Done.}]", f"utter_done: [{variation}]")
    found = list_problems(tmp_path, domain=domain)
    assert len(found) == len(messages)
    assert all(
        line.startswith(f"domain.yml:14: {message}") for line, message in zip(found, messages, strict=True)
    )


@pytest.mark.parametrize(
    ("payload", "messages"),
    [
        ("plain text", []),
        ("/SetSlots(amount=5, kind=cash)", []),
        ("/SetSlots(amount={amount})", []),
        ("/SetSlots(sure=null)", []),
        ("/pay", []),
        ("/pay@1.0", []),
        ('/pay{{"number": "5"}}', []),
        ('/pay{"number": 5}', []),
        ("/restart", []),
        (
            "/SetSlots(amont=5)",
            [
                "error: The payload sets the slot `amont`, which the domain does not declare. Did you mean `amount`?"
            ],
        ),
        (
            "/SetSlots(amount=much)",
            ["error: The payload sets the float slot `amount` to `much`, which does not fit."],
        ),
        (
            "/SetSlots(kind=Cheque)",
            [
                "error: The payload sets the categorical slot `kind` to `Cheque`, which does not fit. Its values are Card, Cash."
            ],
        ),
        ("/SetSlots(things=a)", ["error: A payload cannot set the list slot `things`."]),
        ("/SetSlots(amount)", ["error: `amount` in the payload is no pair. Write `name=value`."]),
        (
            "/SetSlots(amount=5",
            [
                "error: The payload `/SetSlots(amount=5` is malformed. Write `/SetSlots(name=value, other=value)`."
            ],
        ),
        (
            "/SetSlots()",
            ["error: The payload `/SetSlots()` is malformed. Write `/SetSlots(name=value, other=value)`."],
        ),
        (
            "/setslots(amount=5)",
            ["error: The payload `/setslots(amount=5)` must begin with `/SetSlots`, spelt so."],
        ),
        (
            "/set_slot(amount=5)",
            ["error: The payload `/set_slot(amount=5)` must begin with `/SetSlots`, spelt so."],
        ),
        (
            "/SetSlots(" + ", ".join(["amount=1"] * 11) + ")",
            ["error: The payload sets 11 slots; at most 10 are taken."],
        ),
        (
            "/pey",
            [
                "error: The payload sends the intent `pey`, which the domain does not declare. Did you mean `pay`?"
            ],
        ),
        (
            "/pay{{number}}",
            ['error: The entities of the payload are not JSON. Write `/intent{{"entity": "value"}}`.'],
        ),
        (
            '/pay{{"numbr": 5}}',
            [
                "warning: The payload names the entity `numbr`, which the domain does not declare. Did you mean `number`?"
            ],
        ),
        ("/pay now", ['warning: The payload `/pay now` is malformed. Write `/intent{{"entity": "value"}}`.']),
    ],
)
def test_button_payloads_are_checked(tmp_path: Path, payload: str, messages: list[str]) -> None:
    button = "utter_done:\n  - text: Done.\n    buttons:\n    - title: Go\n      payload: '" + payload + "'\n"
    domain = DOMAIN.replace("utter_done: [{text: Done.}]\n", button)
    assert list_problems(tmp_path, domain=domain) == [f"domain.yml:17: {message}" for message in messages]


def test_what_nobody_uses_is_a_warning(tmp_path: Path) -> None:
    more = """\
        slots: {lonely: {type: text}}
        responses:
          utter_lonely: [{text: Hm.}]
          utter_flow_cancelled_rasa: [{text: Overrides ours.}]
        actions: [action_lonely, validate_amount, action_session_start]
        """
    assert list_problems(tmp_path, domain__more=more) == [
        "domain/more.yml:1: warning: The slot `lonely` is never used. Remove it, or use it.",
        "domain/more.yml:3: warning: The response `utter_lonely` is never used. Remove it, or use it.",
        "domain/more.yml:5: warning: The action `action_lonely` is never run. Remove it, or run it in a flow.",
    ]


@pytest.mark.parametrize(
    ("name", "findings"),
    [
        ("amont", ["There is no slot `amont` to fill `{amont}`. Did you mean `amount`?"]),
        ("looks", []),  # the action code knows the word, so it may pass a value of that name
        ("weather", []),
    ],
)
def test_a_misspelt_slot_in_a_text_is_named_unless_an_action_may_mean_it(
    tmp_path: Path, name: str, findings: list[str]
) -> None:
    domain = DOMAIN.replace("{text: Done.}", f"{{text: 'It costs {{{name}}}.'}}")
    assert list_problems(tmp_path, domain=domain) == [f"domain.yml:14: warning: {text}" for text in findings]


def test_a_misspelt_slot_of_a_step_is_named_once(tmp_path: Path) -> None:
    flow = "    description: a\n    steps:\n    - collect: amunt\n      rejections: [{if: slots.amount < 1, utter: utter_done}]\n"
    assert list_flow_problems(tmp_path, flow) == [
        "data/f.yml:5: error: The step asks for the slot `amunt`, which the domain does not declare. Did you mean `amount`?"
    ]


def test_steps_that_cannot_be_read_are_not_called_missing_too(tmp_path: Path) -> None:
    flow = "    description: a\n    steps:\n    - utter: utter_done\n"
    assert list_flow_problems(tmp_path, flow) == [
        "data/f.yml:5: error: A step must be one of action, collect, set_slots, link, call, noop."
    ]


def test_action_code_that_is_missing_is_named(tmp_path: Path) -> None:
    found = validate_written(tmp_path, {"domain.yml": DOMAIN, "data/flows.yml": FLOWS})
    assert [problem.format() for problem in found] == [
        "domain.yml:9: warning: There is no action code in `actions/` or `actions.py`, but the domain declares "
        "`action_pay`. Add the code, or run it on an action server named in `endpoints.yml`."
    ]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            "language: english",
            "config.yml:1: error: `english` is not a language code. Write one such as `en`, `de-CH` or `x-en-formal`.",
        ),
        (
            "language: de\nadditional_languages: [en, de]",
            "config.yml:2: error: `de` is already the `language` of the assistant.",
        ),
        ("additional_languages: [de, de]", "config.yml:1: error: A language is listed twice."),
        (
            "pipeline:\n- name: CompactLLMCommandGenerator\n- name: SearchReadyLLMCommandGenerator",
            "config.yml:1: error: The pipeline holds `CompactLLMCommandGenerator` and `SearchReadyLLMCommandGenerator`. Only one command generator with a language model can stand in a pipeline.",
        ),
        (
            "pipeline:\n- name: my.own.Component\n- name: WhitespaceTokeniser",
            "config.yml:3: error: There is no component `WhitespaceTokeniser`. Did you mean `WhitespaceTokenizer`?",
        ),
        (
            "policies:\n- name: FlwPolicy",
            "config.yml:2: warning: There is no policy `FlwPolicy`. Did you mean `FlowPolicy`?",
        ),
        (
            "pipeline:\n- name: NLUCommandAdapter\n  user_input: {max_characters: none}",
            "config.yml:3: error: `max_characters` must be a whole number above 0, not `none`.",
        ),
    ],
)
def test_the_configuration_is_checked(tmp_path: Path, config: str, message: str) -> None:
    assert list_problems(tmp_path, config=f"{config}\nassistant_id: a\n") == [message]


@pytest.mark.parametrize("code", ["en", "de-CH", "zh-Hant", "sr-Latn-RS", "es-419", "x-en-formal", "gsw"])
def test_language_codes_are_known(tmp_path: Path, code: str) -> None:
    assert list_problems(tmp_path, config=f"language: {code}\nassistant_id: a\n") == []


def test_gaps_in_translations_are_listed_on_request(tmp_path: Path) -> None:
    domain = """\
        responses:
          utter_a:
            - text: Hello
              translation: {de: Hallo}
            - text: Bye
              buttons:
                - {title: Yes, payload: /yes, translation: {fr: Oui}}
        """
    flows = "flows:\n  f:\n    description: d\n    translation: {de: {name: Ef}}\n    steps: [{action: utter_a}]\n"
    config = "assistant_id: a\nadditional_languages: [de, fr]\n"
    reading = read_written(tmp_path, {"config.yml": config, "domain.yml": domain, "data/f.yml": flows})
    assert [problem.format() for problem in validate_translations(reading)] == [
        "data/f.yml:2: warning: The name of the flow `f` is not translated into fr. Add `translation`.",
        "domain.yml:3: warning: A text of `utter_a` is not translated into fr. Add `translation`.",
        "domain.yml:5: warning: A text of `utter_a` is not translated into de, fr. Add `translation`.",
        "domain.yml:7: warning: The button `Yes` of `utter_a` is not translated into de. Add `translation`.",
    ]


def test_a_classic_project_is_checked_name_by_name(tmp_path: Path) -> None:
    stories = """\
        stories:
          - story: one
            steps:
              - intent: pey
                entities: [{numbr: 1, role: x}]
              - or:
                  - intent: pay
                  - intent: pya
              - slot_was_set: [{amont: 1}, kind]
              - action: action_pey
              - action: utter_dnoe
              - active_loop: pay_fom
              - active_loop: null
        """
    more = "forms: {pay_form: {required_slots: [amount, wher], ignored_intents: [chat]}}\n"
    nlu = "nlu:\n- intent: pay\n  examples: [same]\n- intent: payy\n  examples: [same]\n"
    found = validate_written(
        tmp_path,
        {
            "domain.yml": DOMAIN,
            "domain/forms.yml": more,
            "data/stories.yml": stories,
            "data/nlu.yml": nlu,
            "actions.py": "utter_ask_sure utter_ask_kind utter_done",
        },
    )
    assert [problem.format() for problem in found] == [
        "data/nlu.yml:2: warning: The intent `pay` has only one example. Add more: at least 2, better 10 or more.",
        "data/nlu.yml:4: warning: There are examples of the intent `payy`, which the domain does not declare. Did you mean `pay`?",
        "data/nlu.yml:4: warning: The intent `payy` has only one example. Add more: at least 2, better 10 or more.",
        "data/nlu.yml:5: warning: The example `same` stands under `payy` here and under `pay` at data/nlu.yml:3. Keep it under one of them.",
        "data/stories.yml:4: warning: The intent `pey` is not declared in the domain. Did you mean `pay`?",
        "data/stories.yml:4: warning: The entity `numbr` is not declared in the domain. Did you mean `number`?",
        "data/stories.yml:6: warning: The intent `pya` is not declared in the domain. Did you mean `pay`?",
        "data/stories.yml:9: error: The slot `amont` is not declared in the domain. Did you mean `amount`?",
        "data/stories.yml:10: error: The action `action_pey` is not declared in the domain. Did you mean `action_pay`?",
        "data/stories.yml:11: error: The response `utter_dnoe` is not declared in the domain. Did you mean `utter_done`?",
        "data/stories.yml:12: error: The form `pay_fom` is not declared in the domain. Did you mean `pay_form`?",
        "domain.yml:9: warning: The action `action_pay` is never run. Remove it, or run it in a story or a rule.",
        "domain/forms.yml:1: error: The form `pay_form` asks for the slot `wher`, which the domain does not declare. Declare it under `slots:`.",
        "domain/forms.yml:1: warning: The form `pay_form` ignores the intent `chat`, which the domain does not declare.",
    ]


def test_a_project_about_nothing_is_an_error(tmp_path: Path) -> None:
    found = validate_written(tmp_path, {"domain.yml": "version: '3.1'\n"})
    assert [problem.format() for problem in found] == [
        "config.yml:1: error: The project defines nothing to talk about: no flows, stories, rules or intents. "
        "Add flows under `data/` and a `domain.yml`."
    ]


def test_names_are_not_checked_while_a_file_cannot_be_read(tmp_path: Path) -> None:
    assert list_problems(tmp_path, domain="slots: {") == [
        "domain.yml:2: error: A `[` or `{` is never closed. Close it, or put the text in quotes."
    ]


def test_names_are_not_checked_while_a_place_cannot_be_looked_into(tmp_path: Path) -> None:
    (tmp_path / "domain.yml").symlink_to(tmp_path / "gone.yml")
    found = validate_written(tmp_path, {"data/flows.yml": FLOWS})
    assert [problem.format() for problem in found] == [
        "domain.yml: error: This cannot be read: no such file or directory."
    ]
