"""Questions are answered from documents: passages, the search in them, and the words of the answer. No files are read here."""
