"""What the assistant has just asked for, in the names that the learned extractors of entities know."""

from duologue.core.domain import Domain
from duologue.core.slots import MappingType
from duologue.core.state import State
from duologue.understanding.nlu.entities.labels import EntityKind

_REQUESTED_SLOT = "requested_slot"


def find_asked(state: State, domain: Domain) -> tuple[str, ...]:
    """The slot that the running form asks for, and the entities that may fill it; nothing if no form asks."""
    if state.active_loop is None:
        return ()
    slot = domain.get_slot_value(state.slots, _REQUESTED_SLOT)
    return name_asked(slot, domain) if isinstance(slot, str) else ()


def name_asked(slot: str, domain: Domain) -> tuple[str, ...]:
    """The slot and the entities that its mappings take, each once: `time`, `city#departure`."""
    declared = domain.slots.get(slot)
    kinds = [
        EntityKind(mapping.entity, mapping.role or "", mapping.group or "").name
        for mapping in (declared.mappings if declared else ())
        if mapping.type is MappingType.FROM_ENTITY and mapping.entity
    ]
    return tuple(dict.fromkeys((slot, *kinds)))
