"""A domain file of Rasa 1 or 2 in the format of today; what need not change stays as its author wrote it."""

import re
from collections.abc import Iterable
from typing import Any

from duologue.core.domain import Domain
from duologue.core.slots import Slot
from duologue.project.fields import is_items, is_mapping, is_scalar, text_of, with_text_keys
from duologue.project.migration.slot_texts import describe_mappings
from duologue.project.migration.text_blocks import TextBlocks
from duologue.project.slot_reader import find_earlier_type, is_unfeaturized
from duologue.project.writing.yaml_text import write_yaml
from duologue.project.yaml_tree import Node

_REQUESTED = "requested_slot"
_RESPOND = re.compile(r"((?:^\s*-|[\[,])\s*[\"']?)respond_")


def migrate_domain_text(
    blocks: TextBlocks, tree: Node, domain: Domain, declared_slots: frozenset[str]
) -> list[str]:
    """Edit one file of the domain; gives sentences about what the author should look at.

    Args:
        domain: the whole domain as it was read, with the mappings that its forms gave to slots.
        declared_slots: those that some file declares; Rasa 2 let a form ask for others too.
    """
    editor = _DomainEditor(blocks, with_text_keys(tree.value), domain, declared_slots)
    editor.edit()
    return editor.notes


class _DomainEditor:
    """Goes through the parts of one file that earlier versions wrote differently."""

    def __init__(
        self, blocks: TextBlocks, data: dict[str, Any], domain: Domain, declared: frozenset[str]
    ) -> None:
        self._blocks = blocks
        self._declared = declared
        self._data = data
        self._domain = domain
        self.notes: list[str] = []

    def edit(self) -> None:
        self._rename_templates()
        if is_mapping(self._data.get("slots")):
            self._edit_slots(with_text_keys(self._data["slots"]))
        if self._has_old_forms():
            self._edit_forms()
        self._rename_respond_actions()
        self._drop_triggers()

    def _rename_templates(self) -> None:
        if "templates" not in self._data:
            return
        if "responses" in self._data:
            self.notes.append(
                "`templates` and `responses` stand in one file; move what is under `templates`."
            )
            return
        first, _ = self._blocks.find_range("templates")
        line = self._blocks.get_line(first)
        self._blocks.replace(first, first + 1, [line.replace("templates", "responses", 1)])

    def _edit_slots(self, slots: dict[str, Any]) -> None:
        new_slots: dict[str, Any] = {}
        for name, written in slots.items():
            slot = self._domain.slots.get(name)
            raw = with_text_keys(written) if is_mapping(written) else {}
            new_slots[name] = _describe_slot(raw, slot) if slot is not None else raw
            if "mappings" not in raw and slot is not None and not slot.mappings and name != _REQUESTED:
                self.notes.append(
                    f"The slot `{name}` got the mapping `custom`: only actions fill it. Look whether that is right."
                )
        if self._is_inline("slots", slots):
            self._blocks.replace(
                *self._blocks.find_range("slots"), write_yaml({"slots": new_slots}).splitlines()
            )
            return
        for name, new in new_slots.items():
            raw = with_text_keys(slots[name]) if is_mapping(slots[name]) else {}
            if new != raw:
                self._edit_slot(name, raw, new)

    def _is_inline(self, key: str, members: dict[str, Any]) -> bool:
        """Whether the members stand on the line of their key, as `{a: {}, b: {}}`."""
        first, _ = self._blocks.find_range(key)
        return any(self._blocks.find_range(key, name)[0] == first for name in members)

    def _edit_slot(self, name: str, raw: dict[str, Any], new: dict[str, Any]) -> None:
        """Change only the lines of what changes, if the slot has lines of its own."""
        first, end = self._blocks.find_range("slots", name)
        indent = self._blocks.find_indent("slots", name)
        if not raw or end - first == 1:
            self._blocks.replace(first, end, _indent(write_yaml({name: new}), indent))
            return
        keys = list(raw)
        inner = self._blocks.find_indent("slots", name, keys[0])
        added = {key: value for key, value in new.items() if key not in raw}
        for key, value in raw.items():
            if key not in new:
                self._blocks.replace(*self._blocks.find_range("slots", name, key), [])
            elif new[key] != value:
                changed = _indent(write_yaml({key: new[key]}), inner)
                self._blocks.replace(*self._blocks.find_range("slots", name, key), changed)
        if added:
            self._blocks.add(end, _indent(write_yaml(added), inner))

    def _has_old_forms(self) -> bool:
        forms = self._data.get("forms")
        if is_items(forms):
            return bool(forms)
        return is_mapping(forms) and any(_is_old_form(form) for form in forms.values())

    def _edit_forms(self) -> None:
        """Forms are few and change their shape; they are written anew, with their comments in front."""
        first, end = self._blocks.find_range("forms")
        names = _list_form_names(self._data["forms"])
        forms: dict[str, Any] = {}
        for name in names:
            form = self._domain.forms[name]
            forms[name] = {"required_slots": list(form.required_slots)}
            if form.ignored_intents:
                forms[name]["ignored_intents"] = list(form.ignored_intents)
            if not form.required_slots:
                self.notes.append(
                    f"The form `{name}` names no slots; list under `required_slots` those that its code asks for."
                )
        comments = self._blocks.list_comments(first, end)
        self._blocks.replace(first, end, [*comments, *write_yaml({"forms": forms}).splitlines()])
        missing = [
            slot
            for name in names
            for slot in self._domain.forms[name].required_slots
            if slot in self._domain.slots and slot not in self._declared
        ]
        if missing:
            self._add_slots(dict.fromkeys(missing))

    def _add_slots(self, names: Iterable[str]) -> None:
        """Rasa 2 let a form ask for a slot that was not declared."""
        described = {name: _describe_slot({"type": "any"}, self._domain.slots[name]) for name in names}
        if is_mapping(self._data.get("slots")):
            _, end = self._blocks.find_range("slots")
            slots = with_text_keys(self._data["slots"])
            is_own = slots and not self._is_inline("slots", slots)
            indent = self._blocks.find_indent("slots", next(iter(slots))) if is_own else 2
            self._blocks.add(end, _indent(write_yaml(described), indent))
        else:
            first, _ = self._blocks.find_range("forms")
            self._blocks.add(first, write_yaml({"slots": described}).splitlines())

    def _rename_respond_actions(self) -> None:
        if not is_items(self._data.get("actions")):
            return
        first, end = self._blocks.find_range("actions")
        for number in range(first, end):
            line = self._blocks.get_line(number)
            if _RESPOND.search(line):
                self._blocks.replace(number, number + 1, [_RESPOND.sub(r"\1utter_", line)])

    def _drop_triggers(self) -> None:
        """What an intent triggers becomes a rule; the rule is written elsewhere."""
        if not is_items(self._data.get("intents")) or "triggers" not in str(self._data["intents"]):
            return
        first, end = self._blocks.find_range("intents")
        intents = [_without_triggers(item) for item in self._data["intents"]]
        comments = self._blocks.list_comments(first, end)
        self._blocks.replace(first, end, [*comments, *write_yaml({"intents": intents}).splitlines()])


def _describe_slot(raw: dict[str, Any], slot: Slot) -> dict[str, Any]:
    """The slot as today writes it."""
    described = {key: value for key, value in raw.items() if key != "auto_fill"}
    earlier = find_earlier_type(str(raw.get("type")))
    if earlier is not None:
        described["type"] = earlier.value
    if is_unfeaturized(raw.get("type")):
        described["influence_conversation"] = False
    if "mappings" not in raw or len(slot.mappings) != len(raw["mappings"] or ()):
        described["mappings"] = describe_mappings(slot.mappings) or [{"type": "custom"}]
    return described


def _is_old_form(form: Any) -> bool:
    """Any, because authors write it: mappings stand in the form itself, or below `required_slots`."""
    if not is_mapping(form) or not form:
        return False
    if "required_slots" in form:
        return is_mapping(form["required_slots"])
    return "ignored_intents" not in form


def _list_form_names(forms: Any) -> list[str]:
    """Any, because authors write it: a mapping, or the list of names that Rasa 1 had."""
    if is_mapping(forms):
        return list(with_text_keys(forms))
    names = (next(iter(item)) if is_mapping(item) else item for item in forms if item)
    return [text_of(name) for name in names if is_scalar(name)]


def _without_triggers(item: Any) -> Any:
    """Any, because authors write it."""
    if not is_mapping(item):
        return item
    name, options = next(iter(item.items()))
    kept = (
        {key: value for key, value in options.items() if key != "triggers"}
        if is_mapping(options)
        else options
    )
    return {name: kept} if kept else name


def _indent(text: str, width: int) -> list[str]:
    return [" " * width + line if line else line for line in text.splitlines()]
