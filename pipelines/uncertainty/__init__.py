"""What the linkage's errors do to every measure.

Takes `linked`, `standard`, `person_index` and `outcomes`; gives, in the zone `outcomes`:

    measure_by_threshold   grain: measure × cut × value × period × scenario (strict, base, loose)
    measure_uncertainty    grain: measure × cut × value × period; interval with and without link error
"""

from pipelines.uncertainty.build import UncertaintyReport, measure_uncertainty

__all__ = ["UncertaintyReport", "measure_uncertainty"]
