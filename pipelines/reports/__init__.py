"""Draw reports from a release, and from nothing else."""
