"""Policies of classic assistants: what to do next, from rules and stories."""
