"""Words → commands: recognisers, matchers, NLU components and command generators; no dialogue decisions live here."""
