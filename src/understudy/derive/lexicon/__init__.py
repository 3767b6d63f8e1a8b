"""The vocabulary of API documents, Chinese and English, and parsers of words and cells."""
