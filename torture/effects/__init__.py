"""Proof that effects of actions happen once: real assistant and action servers, killed and cut off, and a ledger."""
