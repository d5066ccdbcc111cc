"""The custom actions of this assistant."""
