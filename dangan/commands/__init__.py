"""One module per verb; each has ``command``. What a verb does is in flows; here are its options and how it prints."""
