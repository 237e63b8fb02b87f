"""Compute every measure for every person, and aggregate with intervals, from mature windows only."""
