"""Judging a trained pipeline: what it predicts for sentences whose intents, responses and entities are known."""
