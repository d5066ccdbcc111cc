"""Ways to say yes, no, and neither, by language: folded phrases."""


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split("/") if phrase.strip())


YES_PHRASES: dict[str, tuple[str, ...]] = {
    "en": _phrases(
        "yes/yeah/yea/yep/yup/yah/ya/ye/yess/yesss/y/aye/uh huh/mhm/sure/sure thing/for sure/certainly/of course/course/definitely/absolutely/indeed/"
        "totally/ok/okay/okey/okey dokey/k/kk/alright/all right/right/that's right/thats right/that is right/you're right/correct/that's correct/"
        "that is correct/thats correct/exactly/precisely/true/agreed/i agree/affirmative/positive/confirm/confirmed/i confirm/i do/i would/i am/i did/"
        "i have/it is/it does/they are/we do/we are/that's it/i'd like that/i'd love that/i would like that/i would love to/i'd love to/i would like to/i'd like to/i want that/i want to/"
        "i want it/go ahead/go for it/go on/proceed/please proceed/continue/carry on/do it/do that/please do/let's do it/let's do that/let's go/let's go with that/"
        "send it/submit/submit it/book it/make it so/sounds good/sounds great/sounds fine/sounds right/sounds perfect/looks good/looks right/looks great/looks correct/"
        "looks fine/seems right/that works/works for me/that's fine/that is fine/thats fine/that's good/that's perfect/that's great/that would be great/that'd be great/"
        "that would be good/that will do/fine/fine by me/good/great/perfect/excellent/awesome/wonderful/cool/nice/super/lovely/brilliant/"
        "why not/no problem/no worries/no objections/not a problem/by all means/with pleasure/gladly/you bet/you got it/i think so/i guess so/i suppose so/i believe so/i hope so/"
        "all good/that's all correct/all of that is correct/that's all right/that suits me/suits me/sweet/i assent/that's what i want/exactly right/spot on/everything is correct/everything looks good/everything is fine/all correct/it's correct/it is correct/it's right/it's fine/it's good/it's ok/it's okay/is correct/is right/accept/i accept/approve/approved/"
        "thumbs up"
    ),
    "de": _phrases(
        "ja/jo/jap/jep/jawohl/joa/jaja/klar/na klar/ja klar/alles klar/sicher/aber sicher/na sicher/sicherlich/gewiss/naturlich/selbstverstandlich/"
        "auf jeden fall/auf alle falle/unbedingt/absolut/definitiv/genau/ganz genau/richtig/korrekt/stimmt/das stimmt/stimmt so/das ist richtig/"
        "ist richtig/das ist korrekt/das passt/passt/passt so/passt schon/passt alles/einverstanden/in ordnung/geht in ordnung/das ist in ordnung/ok/okay/okey/"
        "gut/sehr gut/gerne/gern/sehr gerne/aber gerne/ja gerne/bitte/ja bitte/mach das/machen sie das/mach es/machen wir/tu das/weiter/fortfahren/bestatigt/"
        "bestatige/ich bestatige/bestatigen/prima/super/perfekt/toll/klasse/klingt gut/hort sich gut an/sieht gut aus/freilich/jup/"
        "ich denke schon/ich glaube schon/glaub schon/denke ja/ich will/das will ich/mochte ich/das mochte ich/kein problem/warum nicht/alles richtig/alles korrekt/los/"
        "los geht's/absenden/abschicken"
    ),
    "fr": _phrases(
        "oui/ouais/ouaip/mais oui/bien sur/bien entendu/d'accord/ok/okay/exactement/tout a fait/certainement/absolument/c'est ca/c'est correct/c'est bon/"
        "correct/parfait/volontiers/avec plaisir/vas y/allez y/je confirme/confirmer/pourquoi pas/evidemment/entendu"
    ),
    "es": _phrases(
        "si/claro/claro que si/por supuesto/vale/ok/okay/de acuerdo/correcto/exacto/exactamente/asi es/eso es/perfecto/adelante/confirmo/confirmar/"
        "desde luego/bueno/esta bien/por que no/dale/afirmativo/es correcto"
    ),
    "it": _phrases(
        "si/certo/certamente/certo che si/sicuro/ok/okay/va bene/d'accordo/esatto/esattamente/giusto/corretto/perfetto/confermo/conferma/procedi/"
        "assolutamente/naturalmente/volentieri/perche no/ovviamente/e' corretto"
    ),
    "nl": _phrases(
        "ja/jawel/jazeker/zeker/natuurlijk/tuurlijk/uiteraard/ok/oke/okay/prima/goed/klopt/dat klopt/akkoord/juist/correct/precies/inderdaad/"
        "graag/ja graag/doe maar/ga door/bevestigd/bevestig/perfect/waarom niet/is goed"
    ),
    "pt": _phrases(
        "sim/claro/claro que sim/com certeza/certo/ok/okay/esta bem/ta bom/tudo bem/de acordo/correto/exato/exatamente/isso/isso mesmo/perfeito/"
        "confirmo/confirmar/pode ser/pode/com prazer/por que nao/prossiga"
    ),
}

NO_PHRASES: dict[str, tuple[str, ...]] = {
    "en": _phrases(
        "no/nope/nah/na/nay/noo/nooo/n/no way/no thanks/no thank you/not really/not at all/not now/not yet/not today/not this time/not anymore/"
        "never/i don't/i do not/i dont/i don't think so/i do not think so/i dont think so/don't think so/i don't want to/i don't want that/i don't want it/i don't want this/i do not want to/i dont want to/i dont want it/"
        "i'd rather not/rather not/better not/i would not/i wouldn't/i won't/i'm not/i am not/i haven't/i have not/i didn't/i did not/it isn't/it is not/it's not/it doesn't/"
        "of course not/certainly not/definitely not/absolutely not/hell no/please don't/please do not/don't/don't do it/do not do it/don't do that/"
        "don't send it/don't bother/negative/incorrect/wrong/false/that's wrong/thats wrong/that is wrong/not right/not correct/that's not right/that's not correct/that is not correct/that is not right/"
        "that's incorrect/decline/declined/reject/rejected/i disagree/disagree/deny/denied/nothing/no need/not needed/not necessary/no more/nothing else/nothing more/none/none of them/i'm good/i am good/i'm fine/"
        "i'm all set/that's all/that is all/that will be all/it's wrong/not interested/i'm not interested/thumbs down"
    ),
    "de": _phrases(
        "nein/ne/nee/no/nope/noe/nein danke/no danke/danke nein/lieber nicht/besser nicht/eher nicht/eigentlich nicht/nicht wirklich/gar nicht/uberhaupt nicht/"
        "auf keinen fall/keinesfalls/keineswegs/niemals/nie/noch nicht/jetzt nicht/heute nicht/nicht jetzt/bloss nicht/naturlich nicht/"
        "ich denke nicht/ich glaube nicht/glaube nicht/glaub nicht/denke nicht/glaube kaum/ich mochte nicht/mochte ich nicht/ich will nicht/will ich nicht/"
        "das will ich nicht/das mochte ich nicht/falsch/das ist falsch/stimmt nicht/das stimmt nicht/nicht richtig/nicht korrekt/das ist nicht richtig/das ist nicht korrekt/"
        "passt nicht/das passt nicht/nichts/nichts mehr/nicht notig/nicht notwendig/kein bedarf/brauche ich nicht/das war's/das wars/mach das nicht/nicht machen/ablehnen/"
        "abgelehnt/kein interesse/nicht so ganz/nicht ganz"
    ),
    "fr": _phrases(
        "non/nan/mais non/non merci/pas du tout/pas vraiment/pas maintenant/jamais/absolument pas/bien sur que non/surtout pas/je ne crois pas/"
        "je ne pense pas/incorrect/faux/c'est faux/ce n'est pas correct/ce n'est pas ca/pas question/pas la peine"
    ),
    "es": _phrases(
        "no/no gracias/claro que no/para nada/en absoluto/de ninguna manera/nunca/jamas/ahora no/todavia no/creo que no/no creo/no quiero/"
        "incorrecto/falso/no es correcto/por supuesto que no/negativo/nada/nada mas"
    ),
    "it": _phrases(
        "no/no grazie/certo che no/assolutamente no/per niente/per nulla/affatto/mai/non ora/non adesso/non credo/non penso/credo di no/penso di no/"
        "non voglio/sbagliato/falso/non e' corretto/niente/nient'altro/direi di no"
    ),
    "nl": _phrases(
        "nee/neen/nee bedankt/nee dank je/nee hoor/niet echt/helemaal niet/zeker niet/natuurlijk niet/absoluut niet/nooit/nu niet/nog niet/"
        "liever niet/ik denk het niet/denk het niet/ik denk van niet/klopt niet/dat klopt niet/onjuist/fout/ik wil niet/niet nodig/niets/niks"
    ),
    "pt": _phrases(
        "nao/nao obrigado/nao obrigada/claro que nao/de jeito nenhum/de maneira nenhuma/nem pensar/nunca/jamais/agora nao/ainda nao/acho que nao/"
        "nao acho/creio que nao/nao quero/errado/incorreto/falso/nada/nada mais/nao precisa"
    ),
}

# Neither: the question stays open.
UNDECIDED_PHRASES: dict[str, tuple[str, ...]] = {
    "en": _phrases(
        "maybe/perhaps/not sure/i'm not sure/i am not sure/im not sure/i don't know/i dont know/don't know/dunno/no idea/i have no idea/possibly/it depends/depends/"
        "what/why/let me think/not certain/unsure/either/i can't say/hold on/wait/one moment/not that i know/not exactly"
    ),
    "de": _phrases(
        "vielleicht/weiss nicht/ich weiss nicht/weiss ich nicht/ich weiss es nicht/keine ahnung/nicht sicher/ich bin nicht sicher/bin mir nicht sicher/ich bin mir nicht sicher/"
        "kommt drauf an/kommt darauf an/moglicherweise/eventuell/mal sehen/jein/was/warum/moment/warte"
    ),
    "fr": _phrases("peut etre/je ne sais pas/je sais pas/aucune idee/ca depend/pas sur"),
    "es": _phrases("quizas/quiza/tal vez/no se/no lo se/no estoy seguro/no estoy segura/depende/ni idea"),
    "it": _phrases("forse/non so/non lo so/non sono sicuro/non sono sicura/dipende/nessuna idea"),
    "nl": _phrases("misschien/weet ik niet/ik weet het niet/weet niet/geen idee/niet zeker/hangt ervan af"),
    "pt": _phrases("talvez/nao sei/nao tenho certeza/depende/nao faco ideia"),
}

NEGATIONS: dict[str, frozenset[str]] = {
    "en": frozenset(
        {
            "not",
            "don't",
            "dont",
            "doesn't",
            "isn't",
            "never",
            "won't",
            "can't",
            "cannot",
            "wouldn't",
            "wasn't",
            "aren't",
            "didn't",
            "than",
        }
    ),
    "de": frozenset({"nicht", "kein", "keine", "keinen", "nie"}),
    "fr": frozenset({"pas", "ne", "n", "jamais"}),
    "es": frozenset({"no", "nunca"}),
    "it": frozenset({"non", "mai"}),
    "nl": frozenset({"niet", "geen", "nooit"}),
    "pt": frozenset({"nao", "nunca"}),
}

# After a yes or no: something follows that changes it.
RESERVATIONS: dict[str, frozenset[str]] = {
    "en": frozenset(
        {
            "but",
            "except",
            "however",
            "only",
            "although",
            "unless",
            "first",
            "before",
            "after",
            "instead",
            "if",
            "wait",
        }
    ),
    "de": frozenset(
        {
            "aber",
            "ausser",
            "jedoch",
            "allerdings",
            "nur",
            "erst",
            "zuerst",
            "sondern",
            "wenn",
            "falls",
            "stattdessen",
            "moment",
        }
    ),
    "fr": frozenset({"mais", "sauf", "cependant", "seulement", "si"}),
    "es": frozenset({"pero", "excepto", "salvo", "solo", "sino"}),
    "it": frozenset({"ma", "pero", "tranne", "solo", "se"}),
    "nl": frozenset({"maar", "behalve", "alleen", "echter", "als"}),
    "pt": frozenset({"mas", "porem", "exceto", "so", "se"}),
}

YES_EMOJI = frozenset("👍✅👌🙂😀🆗✔☑👏💯")
NO_EMOJI = frozenset("👎❌🚫✖🙅⛔")

# Yes or no only when nothing else is said: `good morning` and `I don't recognise this` are neither.
WEAK_PHRASES: frozenset[str] = frozenset(
    _phrases(
        "sweet/right/all right/alright/good/great/nice/super/lovely/cool/fine/perfect/excellent/awesome/wonderful/brilliant/true/positive/course/i do/i would/i am/i did/"
        "i have/it is/it does/they are/we do/we are/i'd like that/i would like to/i'd like to/i want to/i want that/i want it/continue/go on/carry on/go ahead/accept/is right/is correct/"
        "confirm/approve/submit/send it/book it/i agree/y/n/a/k/not now/not today/never/i don't/i do not/i dont/please don't/please do not/don't/i don't want to/i do not want to/i dont want to/"
        "i don't want that/i don't want it/i don't want this/i would not/i wouldn't/i won't/i'm not/i am not/i haven't/i have not/i didn't/i did not/it isn't/it is not/it's not/it doesn't/negative/incorrect/"
        "wrong/false/decline/declined/reject/rejected/deny/denied/nothing/none/i'm good/i am good/i'm fine/no more/nothing else/nothing more/not yet/that's all/"
        "gut/sehr gut/prima/toll/klasse/gern/gerne/bitte/weiter/los/ich will/mochte ich/richtig/korrekt/sicher/genau/ich mochte nicht/mochte ich nicht/ich will nicht/will ich nicht/falsch/"
        "nichts/nichts mehr/nie/niemals/noch nicht/no/correct/bueno/nada/niente/nunca/mai/jamais/goed/graag/zeker/pode/isso/certo/claro"
    )
) - {"no", "correct"}
