"""Reasons that leave the identified folders must not hold what is a person's own.

The audit log itself is identified: it names clients and persons by their ids, and keeps reasons as they were given,
because who looked at whom is what it is for. A reason that is shown elsewhere (in a list of releases, a tombstone) goes
through `shareable` first.
"""

from __future__ import annotations

import re

from pipelines.errors import LakeError

LOOKS_PERSONAL = {
    "a social security number": re.compile(r"\b\d{3}[- .]?\d{2}[- .]?\d{4}\b"),
    "a full date": re.compile(
        r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\b\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})\b|\b(?:19|20)\d{6}\b"
    ),
    "an e-mail address": re.compile(r"\S@\S"),
}
"""What can be told by its shape. Names cannot: the commands ask for none."""

LONGEST = 500
"""Characters; a reason is a sentence or two, and what is longer is somebody's file."""


def shareable(reason: str, what: str = "reason") -> str:
    """The reason, trimmed, if it may be shown outside the identified folders.

    Raises:
        LakeError: it is missing, too long, or holds what is shaped like a person's own; the text is not quoted.
    """
    text = reason.strip()
    if not text:
        raise LakeError(f"say the {what}")
    if len(text) > LONGEST:
        raise LakeError(f"the {what} is longer than {LONGEST} characters; say it in a sentence or two")
    for shape, pattern in LOOKS_PERSONAL.items():
        if pattern.search(text):
            raise LakeError(
                f"the {what} holds what looks like {shape}, and it is shown outside the identified folders: say it "
                "without (write a quarter as 2026Q1, a release by its contents)"
            )
    return text
