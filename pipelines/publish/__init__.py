"""Publish a release: whole or absent, verified, and with nothing identifying in it.

Takes the derived zones and the receipts; gives `published/outcomes/releases/<release_id>/` and `latest`. What stands
between a written release and its readers is `gate/`; what became of each release, `catalogue.py` and `standing.py`.
What may leave is decided by `data_contracts/published/`; which small numbers are withheld, by `disclosure.py`; under
which name a person leaves, by `person_keys.py`.
"""

from pipelines.publish.latest import latest_release, release_folder
from pipelines.publish.published_contracts import load_published_contracts
from pipelines.publish.release import PublishReport, publish
from pipelines.publish.verify import Verification, read_manifest, verify_release

__all__ = [
    "PublishReport",
    "Verification",
    "latest_release",
    "load_published_contracts",
    "publish",
    "read_manifest",
    "release_folder",
    "verify_release",
]
