"""Drafts of pipeline files: what each column looks like, what part it could play, and the text of the draft."""
