"""Queries that run on a release as given: they are printed in its README and tested from there."""
