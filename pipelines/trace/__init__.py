"""Walk a published number back: to persons, episodes, and the rows of deliveries they came from.

Reads a release, the identified zones and the definitions; writes nothing but what its caller asks for, outside
`published/`. Whoever shows a trace records it in the audit log first (`pipelines.commands.trace`).
"""

from pipelines.trace.asking import Question
from pipelines.trace.walking import Trace, trace

__all__ = ["Question", "Trace", "trace"]
