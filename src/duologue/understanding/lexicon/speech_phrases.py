"""How people cancel, correct, skip, ask again or ask for a person, by language: folded regular expressions."""

# May stand around a speech act without changing it.
POLITE_EDGES: dict[str, str] = {
    "en": (
        r"please|pls|sorry|ok(?:ay)?|oh|hey|hi|hello|hmm+|um+|uh+|well|so|actually|no+|nope|wait|just|now|then|and|but|thanks|thank you|for now|for the moment|"
        r"by the way|btw|tell me|say|listen|i think|i guess|i (?:want|wish|need|would like|'d like) to|i'd like to|i wanna|let's|let us|let me|you can|can you|could you|can i|can we|could i|may i|"
        r"i(?:'ve| have) decided to|i(?:'d| would) rather|would you|will you|right now|at this point|today|anymore|after all|instead|yes|yeah|alright"
    ),
    "de": (
        r"bitte|sag(?:en sie)? mal|ubrigens|horen sie|sorry|entschuldigung|ok(?:ay)?|oh|ach|hey|hallo|hm+|also|so|nein|ne|moment(?: mal)?|warte|doch|einfach|jetzt|dann|und|aber|danke|erst ?mal|mal|lieber|"
        r"ich (?:mochte|moechte|will|wurde gern(?:e)?|hatte gern(?:e)?)|kannst du|konnen sie|kann ich|konnten sie|lass uns|gerade|gut|ja|halt|eigentlich"
    ),
    "fr": r"s'il (?:vous|te) plait|non|ok|merci|je (?:veux|voudrais)|desole|en fait|euh",
    "es": r"por favor|no|vale|gracias|quiero|quisiera|perdon|en realidad|eh",
    "it": r"per favore|no|ok|grazie|voglio|vorrei|scusa|in realta|eh",
    "nl": r"alsjeblieft|nee|oke|bedankt|ik wil|sorry|eigenlijk|eh",
    "pt": r"por favor|nao|ok|obrigad[oa]|quero|queria|desculpe|na verdade|eh",
}

# Ends what is going on, whatever that is. May be followed by `CANCEL_OBJECTS`.
CANCEL_VERBS: dict[str, str] = {
    "en": r"cancel(?:led|ing)?|stop(?: with)?|abort|quit|exit|end|leave|terminate|discard|drop|scrap|undo|abandon",
    "de": r"abbrechen|abbruch|abbrich|brich|brechen|stopp?(?:en)?|stoppe|storniere[n]?|beende[n]?|aufhoren|hor(?:en|e)?|verlassen|lass|lassen|verwerfen|schluss",
    "fr": r"annule[rz]?|arrete[rz]?|stop|quitter|abandonner?",
    "es": r"cancela[r]?|cancele|parar?|detener|deten|terminar|salir|anular",
    "it": r"annulla(?:re)?|ferma(?:re|ti)?|stop|smetti(?:la)?|interrompi|basta|esci",
    "nl": r"annule(?:er|ren)|stop(?:pen)?|afbreken|beeindig(?:en)?",
    "pt": r"cancela[r]?|cancele|para[r]?|pare|interrompe[r]?|sair|anular",
}
CANCEL_OBJECTS: dict[str, str] = {
    "en": (
        r"it|that|this|everything|all of (?:it|this|that)|all|now|there|(?:the |this |that |my )?(?:process|transaction|request|operation|whole thing|thing|conversation|action|procedure|flow|form|dialog|task|current one)|"
        r"what (?:you're|you are|we're|we are) doing|doing (?:this|that)|right there|here"
    ),
    "de": r"es|das|dies|alles|ab|auf|mal|gut sein|sein|bleiben|(?:den|das|die|diesen|diese|dieses|mein|meine|meinen)? ?(?:vorgang|prozess|anfrage|vorhaben|gesprach|sache|aktion|ganze)|damit|das ab|das bleiben|hier",
    "fr": r"ca|cela|tout|la demande|l'operation|le processus",
    "es": r"eso|esto|todo|la operacion|el proceso|lo",
    "it": r"tutto|questo|quello|l'operazione|la richiesta|il processo",
    "nl": r"dit|dat|alles|het|de aanvraag|het proces",
    "pt": r"isso|isto|tudo|a operacao|o processo",
}
CANCEL_PHRASES: dict[str, str] = {
    "en": (
        r"forget (?:it|that|this|about it|about that|about this|everything|i (?:said|asked|mentioned)(?: anything| it| that)?|what i (?:said|asked))|never ?mind(?: that| it| about (?:it|that))?|nvm|leave it(?: be| there| at that)?|drop it|scratch that|scrap that|let it (?:go|be)|"
        r"(?:i(?:'ve| have)? )?changed my mind|(?:i )?(?:don't|do not|dont) (?:want|need) (?:to (?:do (?:this|that|it)|continue|go on|proceed)|this|that|it|to)(?: any ?more| any longer| now| after all)?|"
        r"(?:i'm|i am) not interested(?: any ?more)?|not interested|no longer (?:needed|interested|necessary)|(?:don't|do not|dont) (?:bother|continue|proceed|do (?:it|that))|i give up|get me out of here|"
        r"(?:let's )?not (?:do (?:this|that|it)|now|today)|maybe (?:another time|later)|some other time|(?:i'll|i will) do (?:it|this|that) (?:later|another time)|enough"
    ),
    "de": (
        r"vergiss (?:es|das)|vergiss'?s|vergessen (?:sie es|wir das|wir's|sie das|sie's|sies)|(?:ach )?egal|lass(?:en)?(?: sie)? (?:es|das|mal|gut sein|stecken)(?: gut)?(?: sein| bleiben| mal)?|lassen wir (?:es|das)|(?:doch )?lieber (?:doch )?nicht(?: mehr)?|doch nicht|"
        r"ich (?:will|mochte|brauche) (?:das |es )?(?:doch )?nicht(?: mehr)?|ich (?:hab|habe) (?:es mir|mir das|meine meinung) (?:anders )?(?:uberlegt|geandert)|hab(?:e)? (?:es )?mir anders uberlegt|"
        r"kein interesse(?: mehr)?|nicht mehr (?:notig|notwendig)|hat sich erledigt|schon gut|ist erledigt|(?:brech|brich) (?:das |es )?ab|horen? (?:sie )?auf|ein andermal|vielleicht spater|mach(?:en sie)? nicht weiter|nicht weiter"
    ),
    "fr": r"laisse(?:z)? tomber|oublie(?:z)?(?: ca)?|peu importe|j'ai change d'avis|je ne veux plus|ce n'est plus la peine|ca suffit|tant pis",
    "es": r"dejalo|deja(?:r)?lo|olvidalo|olvida eso|olvidate|no importa|da igual|cambie de opinion|he cambiado de opinion|ya no (?:quiero|hace falta)|basta|mejor no",
    "it": r"lascia(?:mo)? (?:perdere|stare)|dimentica(?:lo)?|non importa|fa niente|ho cambiato idea|non (?:lo )?voglio piu|meglio di no",
    "nl": r"laat (?:maar|zitten)|vergeet (?:het|dat)(?: maar)?|hoeft niet(?: meer)?|ik heb me bedacht|ik wil niet meer|toch (?:maar )?niet|maakt niet uit",
    "pt": r"esquece(?: isso)?|esqueca|deixa (?:pra la|para la)|deixe pra la|nao importa|mudei de ideia|nao quero mais|chega|melhor nao",
}

# Opens a correction of something said before.
CORRECTION_OPENINGS: dict[str, str] = {
    "en": (
        r"(?:yes|yeah|yep|ok|okay|sure|no|nope)[\s,.!-]+(?:but|except(?: that)?)\s+|(?:no+|nope|nah)[\s,.!-]+(?=(?:it's |to |from |for |at |on )?[$€£]?\d)|"
        r"(?:no+|nope|nah)[\s,.!-]+(?:wait\b|sorry\b|actually\b|rather\b|(?=(?:i (?:meant|mean|said)|make (?:it|that)|change|set|use|it's|it should|the \w+ should)\b))[\s,.!-]*|"
        r"(?:oh |oops,? |ah,? |hmm,? )?(?:wait|hold on|hang on|one moment|oops|whoops|my (?:bad|mistake)|sorry|apologies|pardon|correction|scratch that)(?: a (?:second|sec|moment|minute))?[\s,.!-]+(?=\S)|"
        r"(?:actually|rather|on second thoughts?|in fact|instead)[\s,]+|"
        r"(?:sorry,? |no,? |oh,? |what )?i (?:actually )?(?:meant(?: to say)?|mean|wanted to say|should have said|intended)[\s,:]+|"
        r"(?:i (?:made a mistake|was wrong|got (?:it|that) wrong|mistyped|misspoke)|(?:that was |that's )?my (?:mistake|bad|fault|error)|(?:that|it) was a (?:typo|mistake))[\s,.;:!-]+(?=\S)|i (?:selected the wrong|picked the wrong|chose the wrong|entered the wrong|typed the wrong|gave (?:you )?the wrong)|(?:that's|that is|it's|it is) (?:wrong|not right|incorrect)[\s,.]+"
    ),
    "de": (
        r"(?:ja|ok|okay|gut|nein)[\s,.!-]+(?:aber|nur)\s+|(?:nein|ne|nee)[\s,.!-]+(?=(?:an |von |fur |am |um )?[$€£]?\d)|"
        r"(?:nein|ne|nee)[\s,.!-]+(?:moment\b|warte\b|doch\b|sorry\b|eigentlich\b|lieber\b|(?=(?:ich mein(?:te|e)|mach|andere|setz|nimm|es (?:soll|sind|ist)|das (?:ist|soll))\b))[\s,.!-]*|"
        r"(?:oh |ach |ups,? )?(?:moment(?: mal)?|warte(?: mal)?|warten sie|halt|stopp|ups|sorry|entschuldigung|verzeihung|pardon|korrektur|mein fehler|tut mir leid)[\s,.!-]+(?=\S)|"
        r"(?:eigentlich|vielmehr|stattdessen|doch(?: lieber)?)[\s,]+|"
        r"(?:nein,? |sorry,? )?ich (?:mein(?:te|e)|wollte sagen|hab(?:e)? (?:mich )?(?:vertan|vertippt|geirrt|versprochen))[\s,:]*|(?:das ist|das war) (?:falsch|nicht richtig)[\s,.]+"
    ),
    "fr": r"(?:non|nan)[\s,.!-]+(?:attends\b|attendez\b|pardon\b|plutot\b|en fait\b|(?=(?:je voulais dire|c'est|change|mets|mettez|pour|a |\d)))[\s,.!-]*|(?:attends|attendez|un instant|pardon|desole(?:e)?|oups|erreur|plutot|en fait)[\s,.!-]+(?=\S)|(?:non,? |pardon,? )?je voulais dire[\s,:]+|je me suis tromp\w+[\s,.]*",
    "es": r"no[\s,.!-]+(?:espera\b|perdon\b|mejor\b|en realidad\b|(?=(?:queria decir|quise decir|es |son |cambia|pon|para |a |\d)))[\s,.!-]*|(?:espera|espere|un momento|perdon|perdona|disculpa|ups|mejor|en realidad)[\s,.!-]+(?=\S)|(?:no,? |perdon,? )?(?:queria|quise) decir[\s,:]+|me (?:he )?equivo\w+[\s,.]*",
    "it": r"no[\s,.!-]+(?:aspetta\b|scusa\b|anzi\b|in realta\b|(?=(?:intendevo|volevo dire|e |sono |cambia|metti|per |a |\d)))[\s,.!-]*|(?:aspetta|aspetti|un momento|scusa|scusi|ops|anzi|in realta)[\s,.!-]+(?=\S)|(?:no,? |scusa,? )?(?:intendevo|volevo dire)[\s,:]+|mi sono sbagliat\w+[\s,.]*",
    "nl": r"nee[\s,.!-]+(?:wacht\b|sorry\b|liever\b|toch\b|eigenlijk\b|(?=(?:ik bedoel|het is|verander|maak|voor |aan |\d)))[\s,.!-]*|(?:wacht(?: even)?|moment|sorry|oeps|liever|eigenlijk)[\s,.!-]+(?=\S)|(?:nee,? |sorry,? )?ik bedoel(?:de)?[\s,:]+|ik heb me vergist[\s,.]*",
    "pt": r"nao[\s,.!-]+(?:espera\b|desculpa\b|desculpe\b|melhor\b|na verdade\b|(?=(?:queria dizer|quis dizer|e |sao |muda|coloca|para |\d)))[\s,.!-]*|(?:espera|espere|um momento|desculpa|desculpe|ops|melhor|na verdade)[\s,.!-]+(?=\S)|(?:nao,? |desculpa,? )?(?:queria|quis) dizer[\s,:]+|(?:eu )?me enganei[\s,.]*",
}

# Says what something should be: `the amount should be 70`, `change the amount to 80`.
CORRECTION_STATEMENTS: dict[str, str] = {
    "en": (
        r"(?:please |can you |could you |i (?:want|need|would like) to |i'd like to |let me |let's |no,? )*(?:change|correct|update|set|fix|edit|modify|make|adjust|switch) (?:it|that|this|(?:the|my|its) (?P<what_en>[\w -]{2,30}?))(?: from (?P<old_en>\S+))? (?:to|into|=) (?P<new_en>.+)|"
        r"(?:the|my) (?P<what2_en>[\w -]{2,30}?) (?:should (?:have been|be)|must be|needs to be|ought to be|was supposed to be|has to be|is actually) (?P<new2_en>.+)|"
        r"(?:the|my) (?P<bad_en>[\w -]{2,30}?) (?:is|was|looks) (?:wrong|incorrect|not right|not correct|mistaken)|"
        r"(?:it|that) (?:should (?:have been|be)|must be|was supposed to be|needs to be) (?P<new3_en>.+)|(?:better |rather |please |just |can you |could you |let's |then )*make (?:it|that) (?P<new4_en>.+)|"
        r"(?:the|my) (?P<bad6_en>[\w -]{2,30}?) (?:is|was|looks) (?:wrong|incorrect|not right|not correct|mistaken)[\s,.;:-]+(?:it's|it is|it should be|should be|make it|use|it was|that should be)? ?(?P<new6_en>.+)|"
        r"wrong (?P<bad7_en>[\w -]{2,30}?)[,.;:-]+ ?(?:it's|it is|it should be|should be|make it|use|i meant)? ?(?P<new7_en>.+)|"
        r"(?:(?:can|could|may) (?:we|you|i) (?:please )?|let's |let us )(?:do|make (?:it|that)|have|take|use|get|say|go with|go for|switch to|change (?:it|that) to)(?: it)? (?P<new8_en>.+?) instead|"
        r"(?:i (?:want|need|would like|wanted)|i'd like|give me|take|use|do|put) (?P<new9_en>.+?) instead|"
        r"(?:please |can you |could you |i (?:want|need|would like) to |i'd like to |let me )*(?:change|correct|update|fix|edit|modify) (?:the|my|that|its) (?P<what5_en>[\w -]{2,30})"
    ),
    "de": (
        r"(?:bitte |kannst du |konnen sie |ich (?:mochte|will|wurde gern(?:e)?) )*(?:andere|andern|korrigiere|aktualisiere|setze?|stelle?|mach(?:e)?) (?:das|es|(?:den|die|das|meinen|meine|mein) (?P<what_de>[\w -]{2,30}?)) (?:auf|zu|in|von .+ auf) (?P<new_de>.+)|"
        r"(?:der|die|das|mein|meine) (?P<bad_de>[\w -]{2,30}?) (?:ist|war|stimmt) (?:falsch|nicht(?: richtig| korrekt)?)|"
        r"(?:der|die|das|mein|meine) (?P<what2_de>[\w -]{2,30}?) (?:soll(?:te)?|muss|musste) (?:doch |eigentlich |lieber )?(?P<new2_de>.+?) (?:sein|lauten|betragen|heissen)|"
        r"(?:es|das) (?:soll(?:te)?|muss|musste) (?:doch |eigentlich )?(?P<new3_de>.+?) (?:sein|lauten)|mach(?:en sie)? (?:doch |lieber |mal |bitte )*(?P<new4_de>.+?)(?: draus| daraus)?"
    ),
    "fr": r"(?:pouvez vous |peux tu |je (?:veux|voudrais) |s'il (?:vous|te) plait )*(?:change[rz]?|modifie[rz]?|corrige[rz]?|mets|mettez|mettre) (?:le |la |les |l'|mon |ma )?(?P<what_fr>[\w -]{2,30}?) (?:a|en|par|pour) (?P<new_fr>.+)|(?:le|la|mon|ma) (?P<what2_fr>[\w -]{2,30}?) (?:est plutot|doit etre|devrait etre) (?P<new2_fr>.+)|(?:le|la|mon|ma) (?P<bad_fr>[\w -]{2,30}?) est (?:faux|fausse|incorrect\w*)",
    "es": r"(?:puedes |puede |quiero |quisiera |por favor )*(?:cambia[r]?|cambie|modifica[r]?|corrige|corregir|pon|poner) (?:el |la |los |las |mi )?(?P<what_es>[\w -]{2,30}?) (?:a|por|en) (?P<new_es>.+)|(?:el|la|mi) (?P<what2_es>[\w -]{2,30}?) (?:deberia ser|debe ser|tiene que ser|es en realidad) (?P<new2_es>.+)|(?:el|la|mi) (?P<bad_es>[\w -]{2,30}?) (?:esta mal|es incorrect\w+|no es correct\w+)",
    "it": r"(?:puoi |puo |voglio |vorrei |per favore )*(?:cambia(?:re)?|modifica(?:re)?|correggi(?:ere)?|metti|mettere) (?:il |la |lo |l'|mio |mia )?(?P<what_it>[\w -]{2,30}?) (?:a|in|con) (?P<new_it>.+)|(?:il|la|lo) (?P<what2_it>[\w -]{2,30}?) (?:dovrebbe essere|deve essere) (?P<new2_it>.+)|(?:il|la|lo) (?P<bad_it>[\w -]{2,30}?) e (?:sbagliat\w+|errat\w+)",
    "nl": r"(?:kun je |kunt u |ik wil |graag )*(?:verander|wijzig|pas|zet|maak) (?:de |het |mijn )?(?P<what_nl>[\w -]{2,30}?) (?:naar|in|op|aan naar) (?P<new_nl>.+)|(?:de|het|mijn) (?P<what2_nl>[\w -]{2,30}?) (?:moet|moest) (?P<new2_nl>.+?) zijn|(?:de|het|mijn) (?P<bad_nl>[\w -]{2,30}?) (?:is fout|klopt niet|is verkeerd)",
    "pt": r"(?:pode |quero |queria |por favor )*(?:muda[r]?|mude|altera[r]?|altere|corrige|corrigir|coloca|coloque) (?:o |a |os |as |meu |minha )?(?P<what_pt>[\w -]{2,30}?) (?:para|por|em) (?P<new_pt>.+)|(?:o|a|meu|minha) (?P<what2_pt>[\w -]{2,30}?) (?:deveria ser|deve ser|tem que ser) (?P<new2_pt>.+)|(?:o|a|meu|minha) (?P<bad_pt>[\w -]{2,30}?) esta errad\w+",
}

# `not Anna, Bob`, `Bob instead of Anna`, `60 not 50`.
CONTRASTS: dict[str, str] = {
    "en": r"(?P<new3_en>[^,]+?),? (?:i mean|i meant|sorry)(?:,? sorry)?|(?:no,? )?not (?:the |to |from |for |in |on |at )?(?P<old1_en>[^,;.]+?)(?:[,;.] ?(?:but |rather )?| but (?:rather )?)(?:it's |to |from |for |in |on |at )?(?P<new1_en>.+)|(?P<new2_en>.+?)(?: instead of| rather than| and not|, ?not) (?:the |to |from |for |in |on |at )?(?P<old2_en>.+)",
    "de": r"(?:nein,? )?nicht (?:den |die |das |der |an |von |fur |am |um )?(?P<old1_de>[^,;.]+?)(?:[,;.] ?(?:sondern |doch |lieber )?| sondern )(?:an |von |fur |am |um )?(?P<new1_de>.+)|(?P<new2_de>.+?) (?:statt|anstatt|anstelle von|und nicht) (?:an |von |fur |am |um )?(?P<old2_de>.+)",
    "fr": r"(?:non,? )?pas (?:a |le |la |pour )?(?P<old1_fr>[^,;.]+?)(?:[,;.] ?(?:mais )?| mais )(?:a |le |la |pour )?(?P<new1_fr>.+)|(?P<new2_fr>.+?) (?:au lieu de|et pas) (?P<old2_fr>.+)",
    "es": r"no (?:a |el |la |para )?(?P<old1_es>[^,;.]+?)(?:[,;.] ?(?:sino )?| sino )(?:a |el |la |para )?(?P<new1_es>.+)|(?P<new2_es>.+?) (?:en vez de|en lugar de|y no) (?P<old2_es>.+)",
    "it": r"non (?:a |il |la |per )?(?P<old1_it>[^,;.]+?)(?:[,;.] ?(?:ma )?| ma )(?:a |il |la |per )?(?P<new1_it>.+)|(?P<new2_it>.+?) (?:invece di|e non) (?P<old2_it>.+)",
    "nl": r"(?:nee,? )?niet (?:aan |de |het |voor )?(?P<old1_nl>[^,;.]+?)(?:[,;.] ?(?:maar )?| maar )(?:aan |de |het |voor )?(?P<new1_nl>.+)|(?P<new2_nl>.+?) (?:in plaats van|en niet) (?P<old2_nl>.+)",
    "pt": r"nao (?:a |o |para )?(?P<old1_pt>[^,;.]+?)(?:[,;.] ?(?:mas )?| mas | e sim )(?:a |o |para )?(?P<new1_pt>.+)|(?P<new2_pt>.+?) (?:em vez de|e nao) (?P<old2_pt>.+)",
}

HANDOFFS: dict[str, str] = {
    "en": (
        r"(?:talk|speak|chat|connect|transfer|put|get|pass|hand|escalate|switch|forward)(?: me| this| us)?(?: over| through| on)? (?:to|with) (?:an?|the|some|your|my|one of your)? ?(?:real |live |actual |human |customer (?:service |support |care )?|support |sales |bank )*"
        r"(?:human|person|agent|representative|rep|someone|somebody|operator|advisor|adviser|employee|staff|specialist|manager|supervisor|colleague|team|people|support|service|desk)\b|"
        r"(?:need|want|get me|give me|call|contact|reach|would like|is there|are there) (?:an?|the|your)? ?(?:real |live |actual )?(?:human(?: being| agent)?|real person|live person|agent|representative|operator|supervisor|customer (?:service|support|care))\b|"
        r"^(?:\W|please )*(?:an? )?(?:(?:live |real |human )?(?:agent|human|operator|representative)|real person|customer (?:service|support))(?: please)?\W*$|human handoff|talk to (?:a )?human|not (?:a|with a) (?:bot|robot|machine)\b"
    ),
    "de": (
        r"(?:mit|zu|an) (?:einem|einer|eine|einen|dem|der|jemandem|jemand|ihrem|ihren|eurem)? ?(?:echten |richtigen |lebenden )?(?:menschen?|mitarbeiter(?:in|n)?|berater(?:in|n)?|person|kundenservice|kundendienst|kundenbetreuung|support|agenten?|ansprechpartner|kollegen|jemandem|servicemitarbeiter)"
        r"(?: (?:sprechen|reden|verbinden|verbunden|weiterleiten|telefonieren|chatten|durchstellen|verbunden werden))?\b|(?:echten?|richtigen?) (?:menschen?|mitarbeiter|person)|^(?:\W|bitte )*(?:mensch|mitarbeiter|berater|kundenservice|support)(?: bitte)?\W*$|"
        r"(?:mensch|mitarbeiter|berater|kundenservice) (?:sprechen|bitte)|kein(?:en)? bot\b"
    ),
    "fr": r"(?:parler|parle) (?:a|avec) (?:un|une|quelqu'un)(?: \w+)?|un (?:conseiller|humain|agent)",
    "es": r"hablar con (?:un|una|alguien)(?: \w+)?|un (?:agente|humano)|persona real",
    "it": r"parlare con (?:un|una|qualcuno)(?: \w+)?|un (?:operatore|umano)",
    "nl": r"(?:praten|spreken) met (?:een|iemand)(?: \w+)?|(?:een )?medewerker",
    "pt": r"falar com (?:um|uma|alguem)(?: \w+)?|(?:um )?atendente",
}

REPEATS: dict[str, str] = {
    "en": (
        r"(?:can|could|would|will) you (?:please )?(?:repeat|say)(?: (?:it|that|this|the question|what you said|yourself))?(?: again| once more| one more time)?|(?:please )?repeat(?: (?:it|that|this|the question|yourself|what you said))?(?: please)?|"
        r"say (?:it|that|this) (?:again|once more|one more time)|come again|one more time|once more|again please|what did you (?:just )?say|what was (?:that|the question)(?: again)?|what(?:'s| is| was) the question(?: again)?|(?:i beg your )?pardon(?: me)?|"
        r"(?:sorry,? )?i (?:didn't|did not|couldn't|could not) (?:hear|catch|get|understand)(?: (?:you|that|it|what you said|the question))?|what(?=\W*$)|what was that|huh|excuse me|say what|you said what"
    ),
    "de": (
        r"(?:kannst du|konnen sie|konntest du|konnten sie) (?:das|es|die frage)? ?(?:bitte )?(?:noch ?mal|noch einmal)? ?(?:bitte )?(?:wiederholen|sagen)|wiederhol(?:e|en sie)?(?: (?:das|es|die frage))?(?: bitte)?|noch ?(?:mal|einmal)(?: bitte)?|wie bitte|"
        r"was (?:hast du|haben sie) (?:gerade |da )?gesagt|was war (?:das|die frage)(?: noch ?mal)?|(?:das )?(?:hab|habe) ich nicht (?:verstanden|gehort)|ich (?:hab|habe) (?:das|dich|sie) nicht (?:verstanden|gehort)|was(?=\W*$)|hae?|bitte was|sag das noch ?mal"
    ),
    "fr": r"(?:pouvez vous|peux tu|pourriez vous) (?:le )?repeter(?: ca| cela| la question)?(?: s'il (?:vous|te) plait)?|repete[rz]?(?: s'il (?:vous|te) plait)?|comment\W*$|pardon|encore une fois|qu'avez vous dit|qu'est ce que (?:vous avez|tu as) dit|quelle etait la question|je n'ai pas (?:compris|entendu)",
    "es": r"(?:puedes|puede|podrias|podria) repetir(?:lo| eso| la pregunta)?(?: por favor)?|repite(?:lo)?(?: por favor)?|repita(?: por favor)?|otra vez(?: por favor)?|una vez mas|que (?:has|ha) dicho|que dijiste|como has dicho|cual era la pregunta|no (?:te |le )?(?:he )?(?:entendido|entendi|oi)",
    "it": r"(?:puoi|puo|potresti|potrebbe) ripetere(?: la domanda)?(?: per favore)?|ripeti(?: per favore)?|come scusa|ancora una volta|che (?:hai|ha) detto|cosa (?:hai|ha) detto|qual era la domanda|non ho (?:capito|sentito)",
    "nl": r"(?:kun je|kunt u|kan je) (?:dat|het|de vraag)? ?(?:nog een keer |nogmaals )?(?:herhalen|zeggen)|herhaal (?:dat|het|de vraag)?(?: alsjeblieft)?|nog een keer(?: alsjeblieft)?|wat zei (?:je|u)|wat was de vraag|(?:dat )?heb ik niet (?:verstaan|gehoord|begrepen)",
    "pt": r"(?:voce )?(?:pode|poderia) repetir(?: isso| a pergunta)?(?: por favor)?|repete(?: por favor)?|repita(?: por favor)?|mais uma vez|de novo por favor|o que (?:voce )?disse|qual era a pergunta|nao (?:entendi|ouvi)",
}

SKIPS: dict[str, str] = {
    "en": r"skip(?: (?:it|this|that|this (?:one|question|step|part)|the question|ahead))?|next(?: question| one)|pass|move on|(?:i(?:'d| would) )?(?:rather|prefer) not (?:to )?(?:say|answer)|i (?:don't|do not) want to (?:answer|say)(?: (?:this|that|it))?(?: question)?|leave (?:it|this|that) (?:blank|empty|out)|no answer|ignore (?:this|that|it)(?: question)?",
    "de": r"uberspringen?(?: sie)?(?: (?:das|es|die frage|diese frage))?|(?:die|diese|das)(?: frage)? uberspringen|uberspring (?:das|es|die frage)|nachste (?:frage|bitte)|weiter zur nachsten(?: frage)?|(?:das )?(?:mochte|will) ich nicht (?:sagen|beantworten)|keine angabe|lass (?:das|es) (?:aus|weg|leer)|passe",
    "fr": r"passe[rz]?(?: (?:cette )?question)?|question suivante|la suivante|je (?:prefere|preferais) ne pas (?:repondre|le dire)|ignore[rz]? (?:ca|cette question)",
    "es": r"salta(?:r|lo)?(?: (?:esta|la) pregunta)?|omitir|siguiente(?: pregunta)?|prefiero no (?:decirlo|responder|contestar)",
    "it": r"salta(?:re)?(?: (?:questa|la) domanda)?|prossima(?: domanda)?|preferisco non (?:dirlo|rispondere)",
    "nl": r"sla (?:dit|deze vraag|het) over|overslaan|volgende(?: vraag)?|dat (?:wil|zeg) ik liever niet(?: zeggen)?",
    "pt": r"pula[r]?(?: (?:esta|essa|a) pergunta)?|proxima(?: pergunta)?|prefiro nao (?:dizer|responder)",
}

HELPS: dict[str, str] = {
    "en": (
        r"help(?: me)?(?: please)?|i need (?:some )?help|(?:can|could) you help(?: me)?(?: out| please)?|what (?:can|could|do) (?:you|i) (?:do|ask|say|help(?: me)?(?: with)?)(?: (?:here|for me|with this|you))?|what are (?:my|the) options|what are you (?:able to do|capable of|good for)|"
        r"how (?:can|do) you help(?: me)?|how does this work|what (?:else )?can (?:i|you) (?:do|help with)|what(?:'s| is) possible|what are your (?:skills|capabilities|features|functions|services)|what services do you (?:offer|provide|have)|(?:show )?(?:the )?menu|options|i don't know what to do|i'm lost"
    ),
    "de": (
        r"hilfe(?: bitte)?|hilf mir(?: bitte)?|ich brauche (?:deine |ihre )?hilfe|(?:kannst du|konnen sie|konntest du|konnten sie) mir (?:bitte )?helfen|was (?:kannst du|konnen sie|kann ich|kannst du alles|geht hier|machst du)(?: alles| so)?(?: (?:machen|tun|hier|fur mich tun|fur mich machen|fragen|hier machen))*|"
        r"wie (?:funktioniert das|kannst du (?:mir )?helfen|konnen sie (?:mir )?helfen)|welche (?:moglichkeiten|optionen|funktionen) (?:gibt es|habe ich|hast du|haben sie)|menu|optionen|wobei kannst du (?:mir )?helfen|ich weiss? nicht weiter"
    ),
    "fr": r"aide(?:z)?(?: moi)?|au secours|(?:pouvez vous|peux tu) m'aider|que (?:peux tu|pouvez vous|sais tu|savez vous) faire|comment ca (?:marche|fonctionne)|quelles sont (?:mes|les) options|menu",
    "es": r"ayuda(?:me)?(?: por favor)?|(?:puedes|puede) ayudarme|que (?:puedes|sabes|puede) hacer|como funciona(?: esto)?|cuales son (?:mis|las) opciones|menu",
    "it": r"aiuto|aiutami|(?:puoi|puo) aiutarmi|(?:che )?cosa (?:puoi|sai|puo) fare|come funziona|quali sono le (?:mie )?opzioni|menu",
    "nl": r"help(?: me)?|(?:kun je|kunt u) (?:me|mij) helpen|wat (?:kun je|kunt u|kan je)(?: allemaal)?(?: doen)?|hoe werkt (?:dit|het)|wat zijn (?:mijn|de) opties|menu",
    "pt": r"ajuda|me ajuda|socorro|(?:voce )?pode me ajudar|o que (?:voce )?(?:pode|sabe) fazer|como funciona(?: isso)?|quais sao as (?:minhas )?opcoes|menu",
}

CHITCHAT: dict[str, str] = {
    "en": (
        r"(?:wow,? |oh,? )?what an? (?:\w+ )?(?:beautiful|lovely|nice|great|wonderful|gorgeous|terrible|awful|horrible|crazy|strange)\b.*|you(?:'re| are) (?:so |really |very |such |quite |an? |the )*(?:patient|polite|kind|sweet|friendly|clever|wonderful|lovely|brilliant|star|genius|legend)\b.*|"
        r"you have (?:an? |such an? |very )?(?:beautiful|lovely|nice|great|wonderful|funny|cool) .*|(?:nice|lovely|beautiful|great|terrible|awful|such) (?:weather|day|morning|evening|weekend)\b.*|(?:the )?weather(?:'s| is) .*|it(?:'s| is) (?:raining|snowing|sunny|freezing|(?:so |very |really )?(?:hot|cold))\b.*|"
        r"i(?:'m| am) (?:so |really |very |feeling )*(?:bored|tired|happy|sad|lonely|hungry|excited|stressed)\b.*|do you (?:know|like|have|watch|play) (?:an? |any )?(?:jokes?|football|soccer|music|pizza|coffee|hobbies|feelings|friends|family|kids)\b.*|(?:can|will) you tell me (?:a joke|something funny|a story)|"
        r"how are you(?: doing)?(?: today)?|how(?:'s| is) it going|what(?:'s| is) your (?:name|favou?rite .+|age)|who (?:are you|made you|created you|built you)|what are you|are you (?:a |an )?(?:bot|robot|human|real|ai|machine|person|chatbot|computer|alive|happy|sad|there|married|single|smart|stupid)\b.*|"
        r"(?:am i|is this) (?:talking|speaking|chatting)? ?(?:to|with)? ?(?:a |an )?(?:bot|human|robot|real person|machine|person|chatbot)\b.*|tell me (?:a joke|something funny|a story|about yourself)|(?:do|can) you (?:love me|like me|dream|sleep|eat|sing|dance|feel|think|speak \w+|know any jokes)\b.*|"
        r"(?:nice|good|great) to (?:meet|see|talk to) you|i love you|i hate you|you(?:'re| are) (?:so |really |very )?(?:funny|smart|stupid|great|awesome|nice|cute|dumb|useless|the best|amazing|helpful|annoying)|how old are you|where (?:are|do) you (?:from|live)|what(?:'s| is) the (?:weather|meaning of life)\b.*|"
        r"what(?:'s| is) up|lol+|haha+|hehe+|rofl|testing|test|will you marry me|what time is it|who is your (?:boss|creator|maker)"
    ),
    "de": (
        r"was fur ein(?:e|en)? (?:\w+ )?(?:schon|herrlich|toll|wunderbar|furchtbar|schrecklich)\w*\b.*|(?:schones|herrliches|tolles|schreckliches|furchtbares|mieses) wetter\b.*|(?:sie haben|du hast|ihr habt) (?:ein(?:e|en)? )?(?:schon|toll|nett|wunderbar)\w* .*|(?:du bist|sie sind) (?:so |sehr |echt |wirklich |ganz schon )*(?:nett|lieb|freundlich|geduldig|hilfsbereit|goldig|klasse)\b.*|mir ist (?:so )?langweilig\b.*|ich bin (?:so |sehr )?(?:mude|traurig|glucklich|gelangweilt)\b.*|"
        r"wie geht(?:'?s| es)(?: dir| ihnen)?(?: so)?(?: heute)?|wie heiss?t du|wie heiss?en sie|wer bist du|wer sind sie|wer hat dich (?:gemacht|erfunden|programmiert)|was bist du|(?:bist du|sind sie) (?:ein |eine )?(?:echter? |richtiger? )?(?:bot|roboter|mensch|echt|ki|maschine|computer|dumm|schlau|da)\b.*|"
        r"(?:spreche|rede|schreibe) ich (?:mit|hier mit) (?:einem|einer) .*|erzahl(?:e)? (?:mir )?(?:einen )?(?:witz|etwas|was)(?: lustiges)?|ich (?:liebe|hasse) dich|du bist (?:so |sehr |echt )?(?:lustig|schlau|dumm|toll|nett|super|der beste|witzig)|wie alt bist du|woher kommst du|wo wohnst du|"
        r"wie ist das wetter\b.*|magst du mich|haha+|hihi+|lol+|test|kannst du (?:singen|tanzen|lieben|denken|fuhlen)"
    ),
    "fr": r"comment (?:ca va|allez vous|vas tu|vous appelez vous|t'appelles tu)|qui (?:es tu|etes vous)|(?:es tu|etes vous|tu es) (?:un |une )?(?:robot|humain|machine|bot|ia)\b.*|raconte[rz]?(?: moi)? une blague|quel (?:beau |sale )?temps\b.*|tu es (?:tres |vraiment )?(?:gentil|drole|bete|sympa|genial)(?:le)?",
    "es": r"(?:como|que tal) (?:estas|esta|te va|va todo)|como te llamas|quien eres|(?:eres|es usted) (?:un |una )?(?:robot|humano|humana|maquina|bot|persona|ia)\b.*|cuenta(?:me)? un chiste|que (?:buen|mal) tiempo\b.*|eres (?:muy )?(?:amable|gracioso|tonto|simpatico|genial)",
    "it": r"come (?:stai|sta|va|ti chiami|si chiama)|chi sei|(?:sei|e lei) (?:un |una )?(?:robot|umano|macchina|bot|persona|ia)\b.*|racconta(?:mi)? una barzelletta|che (?:bel|brutto) tempo\b.*|sei (?:molto )?(?:gentile|simpatico|stupido|bravo)",
    "nl": r"hoe (?:gaat het|heet je|heet u)(?: met je| met u)?|wie ben je|(?:ben je|bent u) (?:een )?(?:robot|mens|machine|bot|computer|echt)\b.*|vertel (?:me )?een mop|wat een (?:lekker |mooi |rot)?weer\b.*|je bent (?:heel |erg )?(?:aardig|grappig|dom|lief)",
    "pt": r"como (?:voce )?(?:esta|vai|se chama)|quem e voce|(?:voce e|es) (?:um |uma )?(?:robo|humano|humana|maquina|bot|pessoa|ia)\b.*|conta (?:uma )?piada|que (?:belo|lindo) (?:dia|tempo)\b.*|voce e (?:muito )?(?:gentil|legal|engracado|burro)",
}

# Takes a wish back: the group is what is no longer wanted.
DROPPED_WISHES: dict[str, str] = {
    "en": (
        r"(?:i )?(?:(?:really |actually |just )?(?:don't|do not|dont|no longer|won't|will not)) (?:really |actually )?(?:want|need|wish|like|have)(?: to)? (.+?)(?: any ?more| any longer| after all| now| today)?|"
        r"(?:i'm|i am|im) (?:no longer|not) (?:interested in|going to) (.+?)(?: any ?more| any longer| after all| now| today)?|(?:let's|let us) not (.+?)(?: any ?more| after all| now| today)?|no (.+?) needed(?: any ?more| after all)?"
    ),
    "de": (
        r"ich (?:will|mochte|brauche|muss) (?:jetzt |nun |doch )*(?:keine?n?|nicht mehr|nicht) (.+?)(?: mehr)?|ich (?:will|mochte|brauche|muss) (.+?) (?:doch )?nicht mehr(?: \w+)?|ich (?:will|mochte|brauche|muss) (.+?) doch nicht(?: \w+)?|(?:doch )?keine?n? (.+?)(?: mehr)?|(?:(?:aber|also|nein) )?(den|die|das|ihn|sie|es) (?:will|mochte|brauche?) ich (?:doch |jetzt )?nicht(?: mehr)?"
    ),
    "fr": r"je ne (?:veux|voudrais|souhaite) (?:plus|pas) (.+)|je n'ai plus besoin (?:de |d')(.+)",
    "es": r"ya no (?:quiero|necesito) (.+)|no quiero (.+?)(?: ya)?",
    "it": r"non (?:voglio|vorrei|mi serve) piu (.+)|non voglio (.+)",
    "nl": r"ik (?:wil|hoef) (?:niet meer|geen|toch niet) (.+?)(?: meer)?|ik (?:wil|hoef) (.+?) niet meer",
    "pt": r"(?:eu )?nao (?:quero|preciso) mais (?:de )?(.+)|nao quero (.+?)(?: mais)?",
}
