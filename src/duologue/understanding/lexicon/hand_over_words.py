"""How flows that connect to a person are called, folded stems of words in their ids and names."""

# One of these is enough.
PERSON_WORDS = frozenset(
    [
        "human", "agent", "handoff", "handover", "representative", "operator", "advisor", "adviser", "escalate", "mitarbeiter", "berater",
        "mensch", "conseiller", "humain", "agente", "humano", "operatore", "umano", "medewerker", "atendente",
    ]
)  # fmt: skip
# These only together: `customer support`.
SERVICE_WORDS = (
    frozenset({"customer", "kunden", "client", "cliente", "klanten"}),
    frozenset({"support", "service", "care"}),
)
