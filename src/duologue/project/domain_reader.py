"""The domain, gathered from any number of files; what stands twice is an error that names both places."""

from typing import Any

import msgspec

from duologue.core.domain import Domain, EntityType, Form, Intent, SessionConfig, Variation
from duologue.core.slots import MappingCondition, MappingType, Slot, SlotMapping
from duologue.project.fields import Fields, is_mapping, is_scalar, text_of, with_text_keys
from duologue.project.places import Kind, Place, Places
from duologue.project.problems import Problems
from duologue.project.response_reader import read_response
from duologue.project.slot_reader import read_mappings, read_slot

DOMAIN_KEYS = frozenset(
    (
        "actions",
        "config",
        "e2e_actions",
        "entities",
        "forms",
        "intents",
        "responses",
        "session_config",
        "slots",
        "templates",
    )
)


class DomainReader:
    """Reads the domain keys of one file after the other."""

    def __init__(self, places: Places, problems: Problems) -> None:
        self._places = places
        self._problems = problems
        self._slots: dict[str, Slot] = {}
        self._auto_filled: list[str] = []
        self._undated: list[str] = []
        """Slots that are filled from entities if this turns out to be a domain of Rasa 1 or 2."""
        self._moved: dict[str, tuple[SlotMapping, ...]] = {}
        """Mappings that stood in a form, for slots that are not read yet."""
        self._responses: dict[str, tuple[Variation, ...]] = {}
        self._actions: dict[str, bool] = {}
        self._e2e_actions: list[str] = []
        self._intents: dict[str, Intent] = {}
        self._entities: dict[str, EntityType] = {}
        self._forms: dict[str, Form] = {}
        self.triggers: dict[str, tuple[str, Place]] = {}
        """Which action an intent triggers, as Rasa 1 had it, and where that stands."""
        self._session = SessionConfig()
        self._store_entities_as_slots = True

    def read(self, fields: Fields) -> None:
        """Take the domain keys of one file."""
        version = fields.data.get("version")
        is_old = version is not None and str(version).startswith(("1", "2"))
        self._read_slots(fields, is_old=is_old, is_undated=version is None)
        self._read_responses(fields, "responses")
        if fields.has("templates"):
            self._problems.warn(
                fields.place.at("templates"),
                "`templates` is the older name of `responses`.",
                "Rename the key.",
            )
            self._read_responses(fields, "templates")
        self._read_actions(fields)
        self._read_intents(fields)
        self._read_entities(fields)
        self._read_forms(fields)
        self._read_session(fields)

    def build(self, *, is_classic: bool = False) -> Domain:
        """The domain of all files read, without anything of ours.

        Args:
            is_classic: a domain without a version is then one of Rasa 1 or 2, for later ones cannot do without it.
        """
        if is_classic:
            self._auto_filled.extend(self._undated)
        # A form that stands under `actions` too is run by an action of the project's own.
        actions = tuple(name for name in self._actions if not self._is_response(name))
        return Domain(
            slots=self._fill_slots_from_entities(),
            responses=self._responses,
            actions=actions,
            actions_with_domain=tuple(name for name in actions if self._actions[name]),
            e2e_actions=tuple(self._e2e_actions),
            intents=self._intents,
            entities=self._entities,
            forms=self._forms,
            session=self._session,
            store_entities_as_slots=self._store_entities_as_slots,
        )

    def _read_slots(self, fields: Fields, *, is_old: bool, is_undated: bool) -> None:
        for name, inner in _read_named(fields, "slots"):
            if not self._claim("slot", name, inner.place):
                continue
            # A form that was read before may have brought mappings along.
            moved = self._moved.pop(name, ())
            slot = read_slot(name, inner)
            if "mappings" not in inner.data and inner.flag("auto_fill", default=is_old or is_undated):
                undated = is_undated and not inner.has("auto_fill")
                (self._undated if undated else self._auto_filled).append(name)
            self._slots[name] = msgspec.structs.replace(slot, mappings=slot.mappings + moved)

    def _read_responses(self, fields: Fields, key: str) -> None:
        place = fields.place.at(key)
        for name, value in fields.mapping(key).items():
            response_place = place.at(name)
            if self._claim("response", name, response_place):
                self._responses[name] = read_response(name, value, response_place, self._problems)

    def _read_actions(self, fields: Fields) -> None:
        for name, options in _read_list(fields, "actions"):
            self._claim("action", name, options.place, is_error=False)
            options.warn_unknown(("send_domain",), f"The action `{name}`")
            self._actions[name] = options.flag("send_domain", default=False) or self._actions.get(name, False)
        self._e2e_actions.extend(fields.texts("e2e_actions"))

    def _read_intents(self, fields: Fields) -> None:
        for name, options in _read_list(fields, "intents"):
            self._claim("intent", name, options.place, is_error=False)
            options.warn_unknown(("use_entities", "ignore_entities", "triggers"), f"The intent `{name}`")
            if triggered := options.text("triggers"):
                self.triggers[name] = (triggered, options.place)
            used = options.data.get("use_entities")
            entities = (
                None
                if used is None or used is True
                else ()
                if used is False
                else options.texts("use_entities")
            )
            self._intents[name] = Intent(
                name=name, use_entities=entities, ignore_entities=options.texts("ignore_entities")
            )

    def _read_entities(self, fields: Fields) -> None:
        for name, options in _read_list(fields, "entities"):
            self._claim("entity", name, options.place, is_error=False)
            options.warn_unknown(("roles", "groups", "influence_conversation"), f"The entity `{name}`")
            self._entities[name] = EntityType(
                name=name,
                roles=options.texts("roles"),
                groups=options.texts("groups"),
                influence_conversation=options.flag("influence_conversation", default=True),
            )

    def _read_forms(self, fields: Fields) -> None:
        # Rasa 1 listed the names only; an action of that name did the rest.
        if isinstance(fields.data.get("forms"), list):
            for name, options in _read_list(fields, "forms"):
                self._add_form(name, options)
            return
        for name, inner in _read_named(fields, "forms"):
            self._add_form(name, inner)

    def _add_form(self, name: str, fields: Fields) -> None:
        if not self._claim("form", name, fields.place):
            return
        required = fields.data.get("required_slots")
        if required is None and fields.data and "ignored_intents" not in fields.data:
            # Rasa 2.0 put the slots straight under the form.
            slots, inner = tuple(fields.data), fields
        elif is_mapping(required):
            inner = fields.child("required_slots")
            slots = tuple(inner.data)
        else:
            slots, inner = fields.texts("required_slots"), None
            fields.warn_unknown(("required_slots", "ignored_intents"), f"The form `{name}`")
        for slot in slots if inner else ():
            self._add_form_mappings(name, slot, inner)
        self._forms[name] = Form(
            name=name,
            required_slots=slots,
            ignored_intents=fields.texts("ignored_intents") if inner is not fields else (),
        )

    def _add_form_mappings(self, form: str, name: str, fields: Fields | None) -> None:
        """Give the mappings that Rasa 2 kept in the form to the slot, for this form only."""
        if fields is None:
            return
        moved = tuple(_bind_to_form(mapping, form, name) for mapping in read_mappings(fields, name))
        if name in self._slots:
            slot = self._slots[name]
            self._slots[name] = msgspec.structs.replace(slot, mappings=slot.mappings + moved)
        else:
            self._moved[name] = self._moved.get(name, ()) + moved

    def _read_session(self, fields: Fields) -> None:
        if fields.has("session_config"):
            inner = fields.child("session_config")
            inner.warn_unknown(
                ("session_expiration_time", "carry_over_slots_to_new_session", "start_session_after_expiry"),
                "`session_config`",
            )
            self._session = SessionConfig(
                session_expiration_minutes=inner.number("session_expiration_time", 60.0),
                carry_over_slots=inner.flag("carry_over_slots_to_new_session", default=True),
                start_session_after_expiry=inner.flag("start_session_after_expiry", default=True),
            )
        if fields.has("config"):
            inner = fields.child("config")
            self._store_entities_as_slots = inner.flag("store_entities_as_slots", default=True)

    def _claim(self, kind: Kind, name: str, place: Place, *, is_error: bool = True) -> bool:
        """Note where the name stands; false if it already stands somewhere else."""
        first = self._places.find(kind, name)
        if first is None:
            self._places.note(place, kind, name)
            return True
        note = self._problems.error if is_error else self._problems.warn
        note(place, f"The {kind} `{name}` is already declared at {first}.", "Keep one of the two.")
        return False

    def _is_response(self, name: str) -> bool:
        """Whether a name under `actions` is really a response, or the stem of retrieval responses."""
        return name in self._responses or name in self._retrieval_stems()

    def _retrieval_stems(self) -> frozenset[str]:
        return frozenset(name.partition("/")[0] for name in self._responses if "/" in name)

    def _fill_slots_from_entities(self) -> dict[str, Slot]:
        """Rasa 2 filled a slot from the entity of the same name unless told not to."""
        slots = dict(self._slots)
        for name, moved in self._moved.items():
            slots[name] = Slot(name=name, mappings=moved)
        if not self._store_entities_as_slots:
            return slots
        for name in self._auto_filled:
            mapping = SlotMapping(type=MappingType.FROM_ENTITY, entity=name)
            if name in self._entities and mapping not in slots[name].mappings:
                slots[name] = msgspec.structs.replace(slots[name], mappings=(*slots[name].mappings, mapping))
        return slots


def _bind_to_form(mapping: SlotMapping, form: str, slot: str) -> SlotMapping:
    """An entity or the starting intent may fill a slot of a form at any time, the rest only when asked for it."""
    is_free = mapping.type in (MappingType.FROM_ENTITY, MappingType.FROM_TRIGGER_INTENT)
    condition = MappingCondition(active_loop=form, requested_slot=None if is_free else slot)
    return msgspec.structs.replace(mapping, conditions=(condition,))


def _read_named(fields: Fields, key: str) -> list[tuple[str, Fields]]:
    """The entries of a mapping from name to options; an entry without options counts as empty."""
    place = fields.place.at(key)
    entries: list[tuple[str, Fields]] = []
    for name, value in fields.mapping(key).items():
        if value is None or is_mapping(value):
            entries.append((name, Fields(with_text_keys(value or {}), place.at(name), fields.problems)))
        else:
            fields.refuse_at(place.at(name), f"`{name}` under `{key}` must be a mapping.")
    return entries


def _read_list(fields: Fields, key: str) -> list[tuple[str, Fields]]:
    """The entries of a list of names, each a text or a mapping from one name to its options."""
    entries: list[tuple[str, Fields]] = []
    for place, item in fields.items(key):
        if is_scalar(item):
            entries.append((text_of(item), Fields({}, place, fields.problems)))
        elif is_mapping(item) and item:
            entries.append(_read_name_with_options(with_text_keys(item), place, fields.problems))
        elif item is not None:
            fields.refuse_at(place, f"An entry of `{key}` must be a name.")
    return entries


def _read_name_with_options(item: dict[str, Any], place: Place, problems: Problems) -> tuple[str, Fields]:
    name, options = next(iter(item.items()))
    # `- city:` with the options indented as little as the name is a slip that Rasa accepts.
    beside = {key: value for key, value in item.items() if key != name}
    if options is None or is_mapping(options):
        return name, Fields(with_text_keys(options or {}) | beside, place.at(name), problems)
    problems.error(place.at(name), f"The options of `{name}` must be a mapping.")
    return name, Fields(beside, place, problems)
