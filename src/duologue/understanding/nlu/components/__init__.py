"""Components that name the intent, or the response, of a text."""
