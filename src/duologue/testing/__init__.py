"""What authors of assistants and adapters test with; every part is imported by its own name."""
