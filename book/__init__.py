"""The book and the letter: everything a reader sees, made from a publication only."""
