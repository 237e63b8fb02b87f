"""Merge events into spells of one kind, each counted once, whichever agencies saw it."""
