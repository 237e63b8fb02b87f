"""How much one user, or everybody, may ask of the app in a stretch of time. In memory: a restart forgives."""

from __future__ import annotations

import threading
from collections import defaultdict, deque


class Limits:
    """Sliding windows by name."""

    def __init__(self) -> None:
        self._seen: dict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def allows(self, name: str, most: int, seconds: float, now: float) -> bool:
        """Whether one more is within `most` in the last `seconds`; it is counted if so. `now` never runs backwards."""
        with self._lock:
            seen = self._seen[name]
            while seen and seen[0] <= now - seconds:
                seen.popleft()
            if len(seen) >= most:
                return False
            seen.append(now)
            return True
