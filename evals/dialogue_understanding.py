"""Measure what the local understander makes of the turns of human dialogues: schemas become flows, user acts commands.

Run with the folder of projects and data sets in DUOLOGUE_ACCEPTANCE_DATA. Services are joined to small assistants; a
third of them is held out, for looking at only. Figures are reports, not gates.
"""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from duologue.core import commands as cmd
from duologue.core.domain import Domain
from duologue.core.ids import ConversationId
from duologue.core.messages import BotMessage, UserMessage
from duologue.core.slots import Slot, SlotType
from duologue.core.stack import FlowFrame, PatternFrame, Stack
from duologue.core.state import State
from duologue.dialogue.clean_up import clean_up
from duologue.flows.flow import Flow, Flows
from duologue.flows.offers import Offers
from duologue.flows.patterns import STOCK_FLOWS
from duologue.flows.steps import ActionStep, CollectStep
from duologue.project.definition import AssistantConfig, AssistantDefinition
from duologue.runtime.understanding import build_understander
from duologue.testing.conversation import complete_domain
from duologue.understanding.answers.date_phrase import find_dates
from duologue.understanding.answers.time_phrase import find_times
from duologue.understanding.ladder import Ladder

TODAY = date.today()
SERVICES_TOGETHER = 4
CERTAIN = 0.9
_NUMERIC = ("number_of", "num_", "party_size", "group_size", "amount", "price", "quantity", "passengers")
_SMALL_TALK = {"THANK_YOU", "GOODBYE"}
_KINDS_LEFT_OUT = {"SELECT", "REQUEST_ALTS", "AFFIRM_INTENT", "NEGATE_INTENT"}


class Turn(NamedTuple):
    """A message in its state, and the commands it should become."""

    kind: str
    service: str
    text: str
    state: State
    starts: frozenset[str]
    values: dict[str, list[str]]


class Moment(NamedTuple):
    """What went before a message."""

    service: str
    flow_id: str
    asked: Sequence[dict[str, Any]]
    """The acts of the system's turn."""
    said: str
    held: dict[str, list[str]]
    """What the user had told by then."""


class Assistant(NamedTuple):
    """Some services as one assistant."""

    flows: Flows
    domain: Domain
    ladder: Ladder


def main() -> None:
    """Print the accuracy by kind, apart for services that were held out."""
    folder = Path(os.environ.get("DUOLOGUE_ACCEPTANCE_DATA", "")) / "dialogue" / "sgd"
    if not folder.exists():
        print("Set DUOLOGUE_ACCEPTANCE_DATA to the folder that holds dialogue/sgd.")
        return
    schema = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
    dialogues = json.loads((folder / "dialogues.json").read_text(encoding="utf-8"))
    services = sorted(schema, key=lambda service: str(service["service_name"]))
    held_out = services[::3]
    at_hand = [service for service in services if service not in held_out]
    shows = "-v" in sys.argv
    for title, chosen in (("at hand", at_hand), ("held out", held_out)):
        asyncio.run(report(title, chosen, dialogues, shows=shows and title == "at hand"))


async def report(
    title: str, services: Sequence[dict[str, Any]], dialogues: Iterable[dict[str, Any]], *, shows: bool
) -> None:
    """Run every turn of the services' dialogues and print the counts."""
    right, wrong, total, certain = Counter[str](), Counter[str](), Counter[str](), Counter[bool]()
    groups = -(-len(services) // SERVICES_TOGETHER)
    for group in range(groups):
        # Neighbours in the alphabet are versions of one service: no assistant has both.
        together = services[group::groups]
        assistant = build_assistant(together)
        names = {service["service_name"] for service in together}
        for dialogue in dialogues:
            if dialogue["services"][0] not in names:
                continue
            for turn in list_turns(dialogue, assistant):
                offers = Offers(turn.state, assistant.flows, assistant.domain)
                message = UserMessage(conversation_id=ConversationId("x"), text=turn.text)
                understanding = await assistant.ladder.understand(message, offers)
                commands = clean_up(understanding.commands, offers)
                is_right, is_wrong = judge(turn, commands)
                total[turn.kind] += 1
                right[turn.kind] += is_right
                wrong[turn.kind] += is_wrong
                evidence = understanding.evidence[0]
                if evidence.confidence >= CERTAIN and evidence.rung in {"answer", "local"}:
                    certain[is_right] += 1
                    if shows and not is_right:
                        print("CERTAIN BUT", end=" ")
                if shows and not is_right:
                    print(
                        f"[{turn.kind}] {turn.text}\n    wanted {set(turn.starts)} {turn.values}\n    got {commands}"
                    )
    print(f"{title}: {len(services)} services")
    for kind in sorted(total):
        print(
            f"  {kind:<20} right {_share(right[kind], total[kind])}, wrong commands {_share(wrong[kind], total[kind])}"
        )
    print(
        f"  {'all':<20} right {_share(right.total(), total.total())}, wrong commands {_share(wrong.total(), total.total())}"
    )
    print(f"  certain              right {_share(certain[True], certain.total())} of {total.total()} turns")


def _share(count: int, total: int) -> str:
    return f"{count}/{total} ({count / max(1, total):.0%})"


# Schemas become flows


def build_assistant(services: Sequence[dict[str, Any]]) -> Assistant:
    """One flow for each intent; its required slots are asked for, and at last a confirmation."""
    flows: list[Flow] = []
    slots: dict[str, Slot] = {}
    for service in services:
        described = {slot["name"]: slot for slot in service["slots"]}
        for intent in service["intents"]:
            names = [*intent["required_slots"], *intent["optional_slots"]]
            steps = [_collect(service, described[name]) for name in names]
            slots.update(
                (step.slot, _slot(step.slot, described[name]))
                for step, name in zip(steps, names, strict=True)
            )
            flow_id = _flow_id(service["service_name"], intent["name"])
            confirmed = f"{flow_id}_confirmed"
            slots[confirmed] = Slot(name=confirmed, type=SlotType.BOOL)
            flows.append(
                Flow(
                    id=flow_id,
                    name=_words(intent["name"]),
                    description=intent["description"],
                    steps=(
                        *steps,
                        CollectStep(
                            id="sure", slot=confirmed, description="yes or no", ask_before_filling=True
                        ),
                        ActionStep(id="done", action=f"utter_{flow_id}"),
                    ),
                )
            )
    everything = (*STOCK_FLOWS, *flows)
    domain = complete_domain(everything, Domain(), slots=slots.values())
    return Assistant(
        flows=Flows(everything),
        domain=domain,
        ladder=build_understander(
            AssistantDefinition(config=AssistantConfig(), domain=domain, flows=everything), Flows(everything)
        ),
    )


def _collect(service: dict[str, Any], slot: dict[str, Any]) -> CollectStep:
    name = f"{service['service_name'].split('_')[0].lower()}_{slot['name']}"
    return CollectStep(id=f"ask_{name}", slot=name, description=slot["description"])


def _slot(name: str, slot: dict[str, Any]) -> Slot:
    values = tuple(slot["possible_values"])
    if slot["is_categorical"] and set(values) == {"True", "False"}:
        return Slot(name=name, type=SlotType.BOOL)
    if slot["is_categorical"] and not all(value.isdigit() for value in values):
        return Slot(name=name, type=SlotType.CATEGORICAL, values=values)
    if slot["is_categorical"] or any(word in slot["name"] for word in _NUMERIC):
        return Slot(name=name, type=SlotType.FLOAT)
    return Slot(name=name, type=SlotType.TEXT)


def _flow_id(service: str, intent: str) -> str:
    return f"{service}_{intent}".lower()


def _words(name: str) -> str:
    return "".join(f" {char.lower()}" if char.isupper() else char for char in name).strip()


# Acts become commands


def list_turns(dialogue: dict[str, Any], assistant: Assistant) -> Iterator[Turn]:
    """The user's turns whose meaning the acts tell in full."""
    service = dialogue["services"][0]
    intent, asked, said = "", [], ""
    held: dict[str, list[str]] = {}
    for turn in dialogue["turns"]:
        frame = turn["frames"][0]
        if turn["speaker"] == "SYSTEM":
            asked, said = frame["actions"], turn["utterance"]
            continue
        before, held = held, frame["state"]["slot_values"]
        acts = frame["actions"]
        starting = [act["values"][0] for act in acts if act["act"] == "INFORM_INTENT"]
        kind = _kind_of(acts, asked)
        if kind is not None:
            moment = Moment(service, _flow_id(service, intent), asked, said, before)
            yield _turn(kind, turn, moment, starting, assistant)
        intent = starting[0] if starting else frame["state"]["active_intent"]


def _kind_of(acts: Sequence[dict[str, Any]], asked: Sequence[dict[str, Any]]) -> str | None:
    names = {act["act"] for act in acts}
    requested = [act["slot"] for act in asked if act["act"] == "REQUEST"]
    informed = [act["slot"] for act in acts if act["act"] == "INFORM"]
    is_confirm = any(act["act"] == "CONFIRM" for act in asked)
    is_more = any(act["act"] == "REQ_MORE" for act in asked)
    if names & _KINDS_LEFT_OUT:
        return None
    if "INFORM_INTENT" in names:
        return "start, with values" if informed else "start"
    if is_confirm and "AFFIRM" in names:
        return "yes"
    if is_confirm and "NEGATE" in names:
        return "no, and a change" if informed else "no"
    if is_more and "NEGATE" in names:
        return "nothing more"
    if names and names <= _SMALL_TALK:
        return "thanks and goodbye"
    if requested and informed and names == {"INFORM"}:
        return "answer" if set(informed) <= set(requested[:1]) else "answer and more"
    return "question" if names == {"REQUEST"} else None


def _turn(
    kind: str, turn: dict[str, Any], moment: Moment, starting: Sequence[str], assistant: Assistant
) -> Turn:
    service, flow_id, asked, said, held = moment
    prefix = service.split("_", maxsplit=1)[0].lower()
    requested = next((f"{prefix}_{act['slot']}" for act in asked if act["act"] == "REQUEST"), None)
    collect: str | None = None
    if kind in {"yes", "no", "no, and a change"}:
        collect = f"{flow_id}_confirmed"
    elif requested is not None and requested in assistant.flows.get_collected_slots(flow_id):
        collect = requested
    elif kind == "nothing more":
        collect = "continue_conversation"
    values: dict[str, list[str]] = {}
    for act in turn["frames"][0]["actions"]:
        if act["act"] == "INFORM":
            values[f"{prefix}_{act['slot']}"] = [*act["values"], *act["canonical_values"]]
    if kind in {"yes", "no"}:
        values[f"{flow_id}_confirmed"] = [str(kind == "yes")]
    if kind == "nothing more":
        values["continue_conversation"] = ["False"]
    starts = frozenset(_flow_id(service, intent) for intent in starting)
    known = {
        f"{prefix}_{name}": _as_slot(values[0], assistant.domain.slots.get(f"{prefix}_{name}"))
        for name, values in held.items()
        if values and f"{prefix}_{name}" != collect
    }
    state = State(
        conversation_id=ConversationId("x"),
        slots={name: value for name, value in known.items() if name in assistant.domain.slots},
        stack=_stack(flow_id, collect, assistant) if not starts else (),
        replies=(BotMessage(text=said),) if said else (),
    )
    reachable = {
        slot for start in (starts or {flow_id}) for slot in assistant.flows.get_collected_slots(start)
    }
    wanted = {
        name: value for name, value in values.items() if name in reachable or name == "continue_conversation"
    }
    return Turn(kind=kind, service=service, text=turn["utterance"], state=state, starts=starts, values=wanted)


def _as_slot(value: str, slot: Slot | None) -> str | float | bool:
    if slot is not None and slot.type is SlotType.BOOL:
        return value == "True"
    if slot is not None and slot.type is SlotType.FLOAT:
        digits = value.replace("$", "").replace(",", "")
        return float(digits) if digits.replace(".", "").isdigit() else 1.0
    return value


def _stack(flow_id: str, collect: str | None, assistant: Assistant) -> Stack:
    flow = assistant.flows.find(flow_id)
    if collect == "continue_conversation":
        return (
            PatternFrame(flow_id="pattern_completed", step_id="START"),
            PatternFrame(flow_id="pattern_collect_information", context={"collect": collect}),
        )
    if flow is None or collect is None:
        return ()
    step = next(step for step in flow.steps if isinstance(step, CollectStep) and step.slot == collect)
    return (
        FlowFrame(flow_id=flow_id, step_id=step.id),
        PatternFrame(flow_id="pattern_collect_information", context={"collect": collect}),
    )


# Commands are judged


def judge(turn: Turn, commands: Sequence[cmd.Command]) -> tuple[bool, bool]:
    """Whether the commands are those wanted, and whether one of them should not be."""
    starts = {command.flow for command in commands if isinstance(command, cmd.StartFlow)}
    sets = [command for command in commands if isinstance(command, cmd.SetSlot)]
    sets += [
        one
        for command in commands
        if isinstance(command, cmd.CorrectSlots)
        for one in command.corrected_slots
    ]
    fitting = [one for one in sets if one.name in turn.values and _is_same(one.value, turn.values[one.name])]
    # An optional value said in passing is no mistake to miss in a first message, but a wrong one is.
    is_wrong = bool(starts - turn.starts) or len(fitting) < len(sets)
    is_wrong = is_wrong or any(isinstance(command, cmd.CancelFlow) for command in commands)
    is_complete = starts == turn.starts and {one.name for one in fitting} >= turn.values.keys()
    if turn.kind in {"question", "thanks and goodbye"}:
        return not is_wrong, is_wrong
    return is_complete and not is_wrong, is_wrong


def _is_same(value: object, wanted: Sequence[str]) -> bool:
    said = _normal(str(value))
    if said in {_normal(one) for one in wanted}:
        return True
    if isinstance(value, float | int) and not isinstance(value, bool):
        return any(_digits(one) == float(value) for one in wanted)
    for find in (_day_of, _clock_of):
        mine = find(str(value))
        if mine is not None and any(find(one) == mine for one in wanted):
            return True
    return False


def _normal(text: str) -> str:
    return text.casefold().removeprefix("the ").strip(" .!?")


def _digits(text: str) -> float | None:
    kept = text.replace("$", "").replace(",", "")
    return float(kept) if kept.replace(".", "", 1).isdigit() else None


def _day_of(text: str) -> str | None:
    days = [found.day for found in find_dates(text, today=TODAY) if found.day]
    return days[0].isoformat()[5:] if days else None


def _clock_of(text: str) -> str | None:
    times = find_times(text)
    return times[0].clock if times else None


if __name__ == "__main__":
    main()
