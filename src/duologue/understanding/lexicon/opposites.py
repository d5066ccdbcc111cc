"""Verbs that undo each other, folded, by language: who asks for one does not ask for the other."""

OPPOSITES: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (
        ("add create register", "remove delete erase drop"),
        ("block freeze lock", "unblock unfreeze unlock"),
        ("activate enable", "deactivate disable"),
        ("subscribe", "unsubscribe"),
        ("buy", "sell"),
        ("increase raise", "decrease lower reduce"),
        ("open", "close"),
        ("deposit", "withdraw"),
        ("upgrade", "downgrade"),
        ("enrol enroll join", "leave quit"),
    ),
    "de": (
        ("hinzufugen anlegen erstellen", "loschen entfernen"),
        ("sperren", "entsperren freischalten"),
        ("aktivieren", "deaktivieren"),
        ("abonnieren", "abbestellen kundigen"),
        ("kaufen", "verkaufen"),
        ("erhohen", "senken verringern"),
        ("eroffnen", "schliessen"),
        ("einzahlen", "abheben"),
    ),
}
