"""Who looked, who changed: an append-only, hash-chained log beside the zones (`<lake>/audit/`).

Every stage and command may record an act; none may change or remove one. What changes something is recorded as soon as
it is done; what shows something identified is recorded before it is shown. Not here: what acts mean to a stage.
"""

from pipelines.audit.act import BEGINNING, Act, Head
from pipelines.audit.log import acts, head, record_act, sealed_file
from pipelines.audit.reasons import shareable
from pipelines.audit.verifying import AuditVerification, verify_audit

__all__ = [
    "BEGINNING",
    "Act",
    "AuditVerification",
    "Head",
    "acts",
    "head",
    "record_act",
    "sealed_file",
    "shareable",
    "verify_audit",
]
