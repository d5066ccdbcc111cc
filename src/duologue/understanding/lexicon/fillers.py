"""Words said around an answer that change nothing about it, by language."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FILLERS: dict[str, frozenset[str]] = {
    "en": _words(
        "please just um uh uhm hmm er well ok okay alright right so it's its it is that's thats that this the a an i i'd i'm i'll im id we we'll we'd "
        "want wants would like need to of for on at by in my our me us be will should can could you about around approximately roughly exactly only "
        "thanks thank with use take set put go let let's make do say says with as and then there is are will we're were case sorry actually mine "
        "was would've how hi hello hey yes yeah sure prefer choose pick select option one am have has got get give i've bye cheers mate "
        "great perfect good fine thx pls plz maybe think guess instead now from starting until by no oh ah aw wait book"
    ),
    "de": _words(
        "bitte nur einfach ahm hm hmm also ok okay gut so es ist das sind waren ware der die den dem ein eine einen ich mochte will wurde hatte gern gerne "
        "brauche am um im zum fur von mit ab bis bei auf an circa ca etwa ungefahr genau rund danke dann mal doch machen mach nehme nimm nehmen "
        "wir unser mein meine sagen wir's hallo ja nein sorry eigentlich wahle option soll sollte sein werden wird haben hatten und dir euch ihnen "
        "uns mir vielleicht glaube denke uhr lieber jetzt moment halt ach ah och tja naja"
    ),
    "fr": _words(
        "s'il vous te plait merci je j'aimerais voudrais veux c'est ce est le la les un une de pour environ alors euh oui non et svp bien d'accord a"
    ),
    "es": _words(
        "por favor gracias quiero quisiera es el la los un una de para con unos unas pues eh si no y a me gustaria"
    ),
    "it": _words(
        "per favore grazie vorrei voglio e' e il la un una di con circa allora eh si no a mi piacerebbe"
    ),
    "nl": _words(
        "alsjeblieft alstublieft graag ik wil zou dus het de een is voor van met ongeveer eh ja nee en dank bedankt"
    ),
    "pt": _words(
        "por favor obrigado obrigada quero queria e o a um uma de para com cerca entao eh sim nao gostaria"
    ),
}

# Doubt around an answer: it is still the answer, a little less surely.
HEDGES: dict[str, frozenset[str]] = {
    "en": _words("maybe perhaps probably guess think possibly around about roughly approximately something"),
    "de": _words(
        "vielleicht wahrscheinlich glaube denke etwa ungefahr circa ca rund eventuell moglicherweise"
    ),
}
