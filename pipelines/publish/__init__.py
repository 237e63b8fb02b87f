"""Publish a release: whole or absent, verified, and with nothing identifying in it."""
