"""What stands between two wishes of one message, by language: folded regular expressions."""

STRONG_JOINTS: dict[str, str] = {
    "en": r"(?:and|but) (?:then|also|after(?: that|wards)|next|later|finally|please also|secondly|could you also|can you also|i(?:'d| would)? also)|(?:and )?(?:after that|afterwards)|then|also|as well as|plus(?= i\b| can\b| please\b)|followed by|when (?:that(?:'s| is) done|you(?:'re| are) done)|once (?:that(?:'s| is) done|done)",
    "de": r"(?:und|aber) (?:dann|danach|auch|anschliessend|spater|ausserdem|noch)|danach|anschliessend|ausserdem|sowie|dann|zusatzlich",
    "fr": r"(?:et|mais) (?:puis|ensuite|aussi|apres)|puis|ensuite|aussi|ainsi que",
    "es": r"(?:y|pero) (?:luego|despues|tambien|ademas)|luego|despues|tambien|ademas|asi como",
    "it": r"(?:e|ma) (?:poi|dopo|anche|inoltre)|poi|dopo|anche|inoltre",
    "nl": r"(?:en|maar) (?:dan|daarna|ook|vervolgens)|daarna|vervolgens|ook",
    "pt": r"(?:e|mas) (?:depois|tambem|em seguida)|depois|tambem|em seguida|bem como",
}

LOOSE_JOINTS: dict[str, str] = {
    "en": r"and|but|&",
    "de": r"und|aber",
    "fr": r"et|mais",
    "es": r"y|e|pero",
    "it": r"ed?|ma",
    "nl": r"en|maar",
    "pt": r"e|mas",
}
