"""Small assistants made from public data: flows with a name and a description, and what users say to them."""

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml

from duologue.understanding.flow_matcher import FlowText
from training import open_data


class Goal(NamedTuple):
    """Something a user can want, as one flow would offer it."""

    name: str
    """Unique, with the data set before it."""
    spoken: str
    """Its name in words."""
    description: str
    sentences: tuple[str, ...]
    group: str
    """What it may stand together with in one assistant."""
    is_held_out: bool
    slot_words: tuple[str, ...] = ()
    details: tuple[str, ...] = ()


class Case(NamedTuple):
    """A sentence and the flow it asks for; None where no flow is asked for."""

    text: str
    flow_id: str | None
    kind: str
    """`wish`, `topic` (a word of some flows' names), or why none is meant: `neighbour` (a wish that no flow serves),
    `far`, `outside`, `answer`, `value`, `small talk`."""
    shared: tuple[str, ...] = ()
    """The flows that are equally meant by a bare topic."""


class Assistant(NamedTuple):
    """Flows and sentences to try on them."""

    source: str
    flows: tuple[FlowText, ...]
    cases: tuple[Case, ...]
    languages: tuple[str, ...] = ("en",)


class GoalPool(NamedTuple):
    """Everything assistants are made from."""

    goals: tuple[Goal, ...]
    outside: tuple[str, ...]
    small_talk: tuple[str, ...]
    answers: Mapping[str, tuple[str, ...]]
    """Sentences that answer a question in the middle of a goal of this group."""
    values: tuple[str, ...]
    """What fills a slot, said alone: names, places, numbers."""


_T = TypeVar("_T")
_FEWEST_FLOWS, _MOST_FLOWS = 4, 25
_WITH_TALK = 0.3
_TALK = "clinc150/small_talk"
_SMALL_TALK_DOMAINS = ("small_talk", "meta")


def read_pool(folder: Path, *, held_out: bool) -> GoalPool:
    """The goals of either the trained or the held-out part."""
    described = yaml.safe_load(
        (Path(__file__).parent / "intent_descriptions.yml").read_text(encoding="utf-8")
    )
    goals = [
        *_clinc_goals(folder, described["clinc150"]),
        *_flat_goals(open_data.read_banking(folder), described["banking77"], "banking77"),
    ]
    goals += _sgd_goals(folder)
    if held_out:
        goals += _flat_goals(open_data.read_small_sets(folder), {}, "small")
        goals += _flat_goals(open_data.read_star_openings(folder), described["star"], "star")
    else:
        goals += _flat_goals(open_data.read_snips(folder), described["snips"], "snips")
    part = "val" if held_out else "train"
    outside = [line["text"] for line in open_data.read_lines(folder / f"nlu/clinc150/oos_{part}.jsonl")]
    answers: dict[str, list[str]] = {}
    for turn in open_data.read_sgd_turns(folder):
        if not turn.opens and turn.is_held_out == held_out:
            answers.setdefault(_sgd_group(turn.service), []).append(turn.text)
    domains = open_data.read_clinc_domains(folder)
    flows_of_talk = described["clinc150"]
    chat = {
        f"clinc150/{intent}"
        for domain in _SMALL_TALK_DOMAINS
        for intent in domains[domain]
        if intent not in flows_of_talk
    }
    return GoalPool(
        goals=tuple(goal for goal in goals if goal.is_held_out == held_out and len(goal.sentences) >= 3),
        outside=tuple(outside),
        small_talk=tuple(said.text for said in open_data.read_clinc(folder, part) if said.goal in chat),
        values=tuple(dict.fromkeys(open_data.read_values(folder, held_out=held_out))),
        answers={group: tuple(texts) for group, texts in answers.items()},
    )


FIRST_HALF = frozenset({"clinc150/banking", "clinc150/credit_cards", "clinc150/utility", "snips", "sgd/2"})


def is_in_half(goal: Goal, half: str) -> bool:
    """Whether the goal belongs to one half (`a` or `b`) of the groups; small talk belongs to both."""
    return goal.group == _TALK or (goal.group in FIRST_HALF) == (half == "a")


def leave_out(pool: GoalPool, half: str) -> GoalPool:
    """The goals outside one half."""
    other = "b" if half == "a" else "a"
    return pool._replace(goals=tuple(goal for goal in pool.goals if is_in_half(goal, other)))


def make_assistants(pool: GoalPool, count: int, *, seed: int, cases: int = 40) -> list[Assistant]:
    """Assistants of 4 to 30 flows, with none, a few or ten examples each."""
    chance = random.Random(seed)
    groups: dict[str, list[Goal]] = {}
    for goal in pool.goals:
        groups.setdefault(goal.group, []).append(goal)
    return [_make(pool, groups, chance, cases) for _ in range(count)]


def _make(
    pool: GoalPool, groups: Mapping[str, Sequence[Goal]], chance: random.Random, cases: int
) -> Assistant:
    chosen_groups = chance.sample(sorted(groups), min(len(groups), chance.choice((1, 1, 2, 3, 5))))
    while sum(len(groups[group]) for group in chosen_groups) < _FEWEST_FLOWS:
        chosen_groups.append(chance.choice(sorted(groups)))
    candidates = [goal for group in dict.fromkeys(chosen_groups) for goal in groups[group]]
    flows_wanted = chance.randint(_FEWEST_FLOWS, _MOST_FLOWS)
    goals = chance.sample(candidates, min(len(candidates), flows_wanted))
    chats = 0.05
    talk = groups.get(_TALK, ())
    if talk and chance.random() < _WITH_TALK:
        chats = 0.2
        goals += [goal for goal in chance.sample(talk, 2) if goal not in goals]
    others = [goal for goal in candidates if goal not in goals] or [
        goal for goal in pool.goals if goal not in goals
    ]
    style = chance.random()
    examples = chance.choice((0, 0, 0, 3, 10))
    flows: list[FlowText] = []
    found: list[Case] = []
    per_goal = max(1, round(cases * 0.6 / len(goals)))
    for goal in goals:
        said = list(goal.sentences)
        chance.shuffle(said)
        kept = min(examples, len(said) // 2)
        flows.append(_describe(goal, tuple(said[:kept]), style))
        found += [Case(_dress(text, chance), goal.name, "wish") for text in said[kept : kept + per_goal]]
    found += [
        Case(chance.choice(goal.sentences), None, "neighbour")
        for goal in _pick(others, round(cases * 0.15), chance)
    ]
    far = [goal for goal in pool.goals if goal.group not in chosen_groups]
    found += [
        Case(chance.choice(goal.sentences), None, "far") for goal in _pick(far, round(cases * 0.1), chance)
    ]
    found += [Case(text, None, "outside") for text in _pick(pool.outside, round(cases * 0.1), chance)]
    found += [Case(text, None, "small talk") for text in _pick(pool.small_talk, round(cases * chats), chance)]
    replies = [text for group in chosen_groups for text in pool.answers.get(group, ())]
    found += [Case(text, None, "answer") for text in _pick(replies, round(cases * 0.15), chance)]
    found += list_topics(flows, chance)[: max(2, round(cases * 0.15))]
    named = {word for flow in flows for word in f"{flow.name} {flow.description}".lower().split()}
    values = [value for value in pool.values if named.isdisjoint(value.lower().split())]
    found += [Case(text, None, "value") for text in _pick(values, round(cases * 0.1), chance)]
    return Assistant(
        "+".join(sorted({goal.name.split("/")[0] for goal in goals})), tuple(flows), tuple(found)
    )


_BEFORE = (
    "hi, ", "hello there, ", "oh and ", "oh, and I nearly forgot, ", "wait, first ", "sorry, ", "before we go on, ", "also ",
    "one more thing: ", "I hope you can help me. ", "good morning, ", "while I'm here, ", "hang on, ", "so, ",
    "I'm not sure whether I'm right here, but ", "my wife told me to ask: ", "quick question, ",
)  # fmt: skip
_AFTER = (
    " please", " thanks", ", it's urgent", ". I've been waiting for days", ", can you help?", " asap", ". It really annoys me",
    ", I have no idea how", ". My daughter needs it by Friday", "!!", ", if that's possible", ". I was away last week", " somehow",
)  # fmt: skip


def _dress(text: str, chance: random.Random) -> str:
    """Some people say more than they would need to."""
    draw = chance.random()
    if draw < _WITH_OPENING:
        return chance.choice(_BEFORE) + text
    return text.rstrip(".!?") + chance.choice(_AFTER) if draw < 2 * _WITH_OPENING else text


_WITH_OPENING = 0.12
_ABOUT = (
    "{}",
    "{}",
    "{} please",
    "a question about {}",
    "something about my {}",
    "it's about the {}",
    "I need help with my {}",
)


def list_topics(flows: Sequence[FlowText], chance: random.Random) -> list[Case]:
    """Messages of a single word from the flows' names: nobody can tell which of several flows is meant."""
    by_word: dict[str, list[str]] = {}
    for flow in flows:
        for word in dict.fromkeys(flow.name.lower().split()):
            if len(word) > _SHORTEST_TOPIC and word not in _NO_TOPICS:
                by_word.setdefault(word.removesuffix("s"), []).append(flow.flow_id)
    words = sorted(by_word, key=lambda word: (-min(len(by_word[word]), 2), chance.random()))
    return [
        Case(
            chance.choice(_ABOUT).format(word + chance.choice(_NUMBERS)),
            ids[0] if len(ids) == 1 else None,
            "topic",
            tuple(ids),
        )
        for word in words
        if len(ids := list(dict.fromkeys(by_word[word]))) <= _MOST_SHARED
    ]


_SHORTEST_TOPIC, _MOST_SHARED = 3, 4
_NUMBERS = ("", "", "s")
_NO_TOPICS = frozenset(
    ["change", "order", "cancel", "check", "with", "from", "when", "what", "find", "update", "show", "your", "into", "search", "lookup", "schedule", "report", "supported", "getting", "verify", "failed", "wrong", "about", "status", "working", "received", "charged", "pending", "next", "last", "used", "need", "lost", "stolen", "alarms", "unable"]
)  # fmt: skip


def _pick(texts: Sequence[_T], count: int, chance: random.Random) -> list[_T]:
    return chance.sample(texts, min(len(texts), count))


def _describe(goal: Goal, examples: tuple[str, ...], style: float) -> FlowText:
    """Some authors write names, some descriptions, most write both."""
    return FlowText(
        flow_id=goal.name,
        name=goal.spoken,
        description=goal.description if style < 0.8 else "",
        examples=examples,
        slot_words=goal.slot_words,
        details=goal.details,
    )


def _clinc_goals(folder: Path, described: Mapping[str, str]) -> Iterable[Goal]:
    by_intent: dict[str, list[open_data.Said]] = {}
    for said in open_data.read_clinc(folder):
        by_intent.setdefault(said.goal, []).append(said)
    for domain, intents in open_data.read_clinc_domains(folder).items():
        for intent in intents:
            if domain in _SMALL_TALK_DOMAINS and intent not in described:
                continue
            said = by_intent[f"clinc150/{intent}"]
            yield Goal(
                name=f"clinc150/{intent}",
                spoken=intent.replace("_", " "),
                description=described[intent],
                sentences=tuple(each.text for each in said),
                group=f"clinc150/{domain}",
                is_held_out=said[0].is_held_out,
            )


def _flat_goals(
    sentences: Iterable[open_data.Said], described: Mapping[str, str], group: str
) -> Iterable[Goal]:
    by_goal: dict[str, list[open_data.Said]] = {}
    for said in sentences:
        by_goal.setdefault(said.goal, []).append(said)
    for name, said in by_goal.items():
        source, _, intent = name.partition("/")
        yield Goal(
            name=name,
            spoken=_in_words(intent),
            description=described.get(intent, ""),
            sentences=tuple(each.text for each in said),
            group=f"{group}/{source}" if group == "small" else group,
            is_held_out=said[0].is_held_out,
        )


def _sgd_goals(folder: Path) -> Iterable[Goal]:
    said: dict[tuple[str, str], list[str]] = {}
    for turn in open_data.read_sgd_turns(folder):
        if turn.opens:
            said.setdefault((turn.service, turn.intent), []).append(turn.text)
    for service in open_data.read_sgd_services(folder):
        name = service["service_name"]
        details = {slot["name"]: _detail(slot) for slot in service["slots"]}
        for intent in service["intents"]:
            yield Goal(
                name=f"sgd/{name}/{intent['name']}",
                spoken=_in_words(intent["name"]),
                description=intent["description"],
                sentences=tuple(said.get((name, intent["name"]), ())),
                group=_sgd_group(name),
                is_held_out=name in open_data.HELD_OUT_SERVICES,
                slot_words=tuple(word for slot in intent["required_slots"] for word in slot.split("_")),
                details=tuple(
                    details[slot] for slot in (*intent["required_slots"], *intent["optional_slots"])
                ),
            )


def _detail(slot: Mapping[str, Any]) -> str:
    values = [
        value for value in slot["possible_values"] if not value.isdigit() and value not in ("True", "False")
    ]
    return ". ".join(filter(None, (_in_words(slot["name"]), slot["description"], ", ".join(values))))


def _sgd_group(service: str) -> str:
    """Services that do different things stand together: one of each family."""
    return f"sgd/{service.partition('_')[2]}"


def _in_words(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"[\W_]+", " ", spaced).strip().lower()
