"""Words that carry grammar or politeness rather than a topic, by language."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Spellings are folded: lower case, no accents, contractions kept whole.
STOP_WORDS: dict[str, frozenset[str]] = {
    "en": _words(
        "a an the this that these those some any each every all both either neither another other others such "
        "i me my mine myself you your yours yourself he him his she her hers it its itself we us our ours they them their theirs "
        "am is are was were be been being do does did doing done have has had having will would shall should can could may might must "
        "i'm i'd i'll i've you're you've you'd you'll he's she's it's that's there's here's we're we've we'd we'll they're they've they'd "
        "let's what's where's who's how's when's why's isn't aren't wasn't weren't won't wouldn't can't couldn't don't doesn't didn't "
        "haven't hasn't hadn't shouldn't cannot cant dont didnt im ive id its thats whats wanna gonna gotta lemme "
        "and or but nor so yet if then than because as while although though since until unless "
        "of at by for with about against between into through during before after above below to from up down in out on off over under "
        "again further once here there when where why how what which who whom whose "
        "no not only own same too very just also even ever never always often sometimes still already really quite rather "
        "please thanks thank hello hi hey ok okay well oh uh um er yes yeah sure sorry "
        "s t d ll re ve m ma us per via etc upon onto within without"
    ),
    "de": _words(
        "der die das den dem des ein eine einen einem einer eines dieser diese dieses diesen diesem jener jede jeder jedes alle alles "
        "ich mich mir mein meine meinen meinem meiner meines du dich dir dein deine deinen er sie es ihn ihm ihr ihre ihren ihrem wir uns unser "
        "unsere unseren ihnen sich man bin bist ist sind seid hab habs war waren wird werde werden wurde wurden sein habe hast hat haben hatte hatten "
        "kann kannst konnen konnt konnte konnten soll sollte sollen muss mussen mochte mochten mag will willst wollen wollte darf durfen wurde "
        "und oder aber denn sondern wenn dann als weil dass ob obwohl damit von zu zum zur bei beim mit nach aus auf an am in im ins um fur uber unter "
        "vor hinter durch gegen ohne bis seit wahrend wegen ab nicht kein keine keinen nur auch noch schon sehr so wie was wer wem wen wo wann warum "
        "welche welcher welches hier da dort doch ja nein mal bitte danke hallo hi gerne gern eben halt etwa wohl jetzt denn also hat's geht's gibt's"
    ),
    "fr": _words(
        "le la les un une des du de d l au aux ce cet cette ces mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs je j'ai j'aimerais "
        "tu il elle on nous vous ils elles me moi te se est suis es sont etes sommes ai as a avons avez ont et ou mais donc car ne pas plus que qui "
        "quoi dont pour par avec sans sur sous dans en chez vers voudrais veux peux puis s'il plait merci bonjour oui non comment quel quelle"
    ),
    "es": _words(
        "el la los las un una unos unas de del al a y o u pero que quien mi mis tu tus su sus nuestro yo me te se le les lo nos es soy son esta estoy "
        "hay he ha han por para con sin en sobre como cual quiero quisiera puedo puede favor gracias hola si no muy mas"
    ),
    "it": _words(
        "il lo la i gli le un uno una di del della dei delle dello da dal dalla a al alla in nel nella con su per tra fra e o ma che chi mio mia miei "
        "mie tuo tua suo sua io mi ti si ci vi e' sono sei ho hai ha vorrei voglio posso puo come quale favore grazie ciao non piu molto"
    ),
    "nl": _words(
        "de het een en of maar van voor met op in uit aan naar bij door over om te tot ik mij mijn me jij je jouw u uw hij zij ze wij we ons onze "
        "is ben zijn was heb heeft hebben kan kunt kunnen wil willen zou zal moet mag niet geen ook nog wel alsjeblieft graag bedankt hallo ja nee "
        "hoe wat wie waar wanneer dit dat deze die er"
    ),
    "pt": _words(
        "o a os as um uma uns umas de do da dos das em no na nos nas por pelo pela para com sem e ou mas que quem meu minha meus minhas seu sua eu me "
        "te se lhe nos e sou esta estou tem tenho ha quero queria gostaria posso pode favor obrigado obrigada ola sim nao muito mais como qual"
    ),
}

# Said around a wish, seldom the wish itself: they weigh little when flows are told apart.
GENERIC_WORDS: dict[str, frozenset[str]] = {
    "en": _words(
        "want wants wanted like need needs needed help helps tell know think get got getting give let make made go going went come look looking "
        "looks see say said wondering wonder trying try tried figure idea currently current today now right moment something anything "
        "thing things stuff way lot bit little much many more most maybe perhaps probably possible possibly able someone somebody "
        "anyone request requests requested question questions asking ask please could explain understand sense seem seems kind sort "
        "good great nice first next last one two time day days week month year lately recently recent actually basically honestly "
        "guess hope wish keep happen happened happening issue problem trouble using use used put take find out check "
        "show place around back new everything nothing wait soon hello guys dear sir madam morning afternoon evening particular certain somewhere "
        "realized realised noticed notice supposed anymore instead"
    ),
    "de": _words(
        "wissen weiss sagen sag geben gib gibt machen mach mache brauche brauchen helfen hilf hilfe frage fragen zeigen zeig zeige sehen "
        "schauen geht gehen komme kommen finden finde etwas bisschen gerade heute neu neue neuen neues bekommen kriegen lassen problem "
        "mehr viel vielleicht wirklich eigentlich einfach moglich moglichkeit leider gut guten tag morgen abend"
    ),
    "fr": _words(
        "savoir dire faire aider aide besoin avoir voir aujourd'hui probleme question chose maintenant"
    ),
    "es": _words(
        "saber decir hacer ayudar ayuda necesito necesitar ver hoy problema pregunta cosa ahora quiero"
    ),
    "it": _words("sapere dire fare aiutare aiuto bisogno vedere oggi problema domanda cosa adesso"),
    "nl": _words("weten zeggen doen helpen hulp nodig zien vandaag probleem vraag ding nu"),
    "pt": _words("saber dizer fazer ajudar ajuda preciso ver hoje problema pergunta coisa agora"),
}

# What authors write about flows, not what users say.
DESCRIPTION_WORDS: dict[str, frozenset[str]] = {
    "en": _words(
        "flow flows user users user's customer's guide guides guiding handle handles handling allow allows allowing let lets helps provide provides "
        "enable enables assist assists request requests requesting ask asks trigger triggers phrase phrases typical common cue cues include "
        "includes including like such e.g i.e example examples use used when whenever process step steps ensure ensures support supports "
        "supporting initiate initiates initiating various entry points start started starts pattern facilitate facilitates collect collects "
        "collecting address addresses deal deals inquiry inquiries specific based feature case assistant bot chatbot often perceived look looks "
        "apply applies mention mentions indicate indicates express"
    ),
    "de": _words(
        "flow ablauf nutzer nutzerin nutzern benutzer benutzern kunde kunden anwender fuhrt hilft ermoglicht erlaubt unterstutzt dialog "
        "beispiel beispiele typische anfrage anfragen prozess schritt schritte assistent z b"
    ),
}
