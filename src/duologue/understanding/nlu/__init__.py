"""The trained pipeline: components that read intents, entities and responses out of a text."""
