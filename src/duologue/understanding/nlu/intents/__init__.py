"""Which intent a text has: a model that is solved in one go, and knows how sure it is."""
