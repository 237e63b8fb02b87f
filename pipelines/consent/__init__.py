"""What people said of the use of their records, and whom it keeps out of what leaves.

    choices.py   what was said, kept for good in `<lake>/decisions/consent/`
    listing.py   a list of choices as an agency or a clerk hands it in
    taking.py    lists that agencies put into a folder, night by night
    applying.py  whom the choices in force keep out, and whose consent there is

A choice is about a client, as the agency knows it, never about a person: persons are merged and split, and a choice
goes wherever the client goes. A person is out as soon as one of its clients is.
"""

from pipelines.consent.applying import choices_sha256, open_choices, people_out, people_with_consent
from pipelines.consent.choices import CHOICES, SCOPES, Choice, in_force, record, recorded
from pipelines.consent.listing import read_choices
from pipelines.consent.taking import Taken, take_choices

__all__ = [
    "CHOICES",
    "SCOPES",
    "Choice",
    "Taken",
    "choices_sha256",
    "in_force",
    "open_choices",
    "people_out",
    "people_with_consent",
    "read_choices",
    "record",
    "recorded",
    "take_choices",
]
