"""What a run leaves behind: text for the terminal, files for people and programs, pictures."""
