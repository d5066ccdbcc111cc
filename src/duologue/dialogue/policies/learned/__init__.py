"""Policies that learn from stories and go on where no story has been before."""
