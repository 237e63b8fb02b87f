"""The Dagster shell: one file per stage, each a thin wrap around that stage's functions."""
