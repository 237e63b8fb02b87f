"""When two records are one person: blocking, comparisons, guards, thresholds. No input or output here."""
