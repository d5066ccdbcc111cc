"""How people ask to have something or to be spared it, by language: folded regular expressions."""

# Of a slot's name: it says whether something is wanted.
SWITCH_SLOT_WORDS = frozenset(
    [
        "wanted",
        "want",
        "wants",
        "wish",
        "subscribed",
        "subscribe",
        "subscription",
        "optin",
        "opt",
        "enabled",
        "enable",
        "active",
        "receive",
        "keep",
        "gewunscht",
        "erwunscht",
        "erhalten",
        "aktiv",
    ]
)
SWITCHED_OFF: dict[str, str] = {
    "en": r"stop|unsubscribe|opt out|take me off|remove me|get me off|turn (?:it |them |that )?off|switch (?:it |them |that )?off|disable|no more|not any ?more|any ?more|no longer|don't (?:want|need|send)|do not (?:want|need|send)|without",
    "de": r"abbestellen|abmelden|austragen|keine|nicht mehr|stopp?|stoppen|aufhoren|abschalten|deaktivieren|ausschalten",
    "fr": r"desabonner|desinscrire|arretez?|plus de|ne veux (?:plus|pas)|desactiver",
    "es": r"dar(?:me)? de baja|cancelar|ya no|no quiero|desactivar|dejar de",
    "it": r"disiscriver(?:mi|e)|cancellar(?:mi|e)|non voglio|disattivare|smettere",
    "nl": r"afmelden|uitschrijven|geen|niet meer|stop|uitzetten",
    "pt": r"cancelar|descadastrar|nao quero|parar|desativar",
}
SWITCHED_ON: dict[str, str] = {
    "en": r"sign me up|subscribe|opt in|put me on|add me|turn (?:it |them |that )?on|switch (?:it |them |that )?on|enable|please send|keep me (?:posted|informed|up to date)",
    "de": r"abonnieren|anmelden|eintragen|aktivieren|einschalten|schickt mir|schicken sie mir",
    "fr": r"abonner|inscrire|activer",
    "es": r"suscrib\w+|apuntar(?:me)?|activar",
    "it": r"iscriver(?:mi|e)|attivare",
    "nl": r"aanmelden|inschrijven|aanzetten",
    "pt": r"inscrever|assinar|ativar",
}
