"""Training data as Rasa 1 kept it, Markdown and JSON, brought into the shape of today's YAML with its lines."""
