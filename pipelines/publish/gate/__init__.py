"""The audit gate: what stands between a written release and its readers.

*Faults* are facts that must hold whoever says otherwise (contracts, conservation, tie-outs): with one, nothing is
published. *Findings* are changes that may be right and may be an accident (a measure beyond its band, a linkage that
drifted): with one, the release is held until somebody has looked.
"""

from pipelines.publish.gate.changes import Finding, bands, changes
from pipelines.publish.gate.findings import findings
from pipelines.publish.gate.tie_outs import lake_faults, tie_out_faults

__all__ = ["Finding", "bands", "changes", "findings", "lake_faults", "tie_out_faults"]
