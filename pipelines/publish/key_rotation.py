"""The key of the county's own release is replaced only on purpose: a wrong one would silently rename every person."""

from __future__ import annotations

from pipelines.audit import acts, record_act, shareable
from pipelines.errors import ReleaseError
from pipelines.key_files import make_key
from pipelines.lake import Lake, fsync
from pipelines.publish.latest import PRODUCT, latest_release
from pipelines.publish.person_keys import KeyRing, key_path, open_key_ring
from pipelines.publish.verify import read_manifest

ROTATED = "key_rotated"


def refuse_unknown_key(lake: Lake, keys: KeyRing) -> None:
    """Refuse a key that is neither the latest release's nor one that somebody put in its place on purpose.

    Raises:
        ReleaseError: the key file holds another key; nothing was published.
    """
    latest = latest_release(lake)
    if latest is None:
        return
    before = str(read_manifest(latest)["inputs"]["person_key_id"])
    if keys.key_id != before and not _was_meant(lake, keys.key_id):
        raise ReleaseError(
            f"keys/{key_path(lake).name} is not the key that {latest.name} was made with ({keys.key_id}, not "
            f"{before}): every person would get a new name. Restore it from the backup; if a new key is meant, put "
            "the old one back and say so with countylink release rotate-key"
        )


def rotate_key(lake: Lake, by: str, reason: str) -> str:
    """Replace the key; from the next release on, every person has a new name. Returns the new key's id.

    The old key stays beside it, `keys/person_key.<key id>.key`: releases that were made with it are still traced. The
    act is recorded before the new key lies in its place, so a kill in between leaves the old key in force.

    Raises:
        ReleaseError: the key in place is not the latest release's.
        LakeError: who or why is missing.
    """
    by, reason = shareable(by, "name"), shareable(reason)
    old = open_key_ring(lake, PRODUCT)
    refuse_unknown_key(lake, old)
    path = key_path(lake)
    kept, staged = path.with_name(f"{path.stem}.{old.key_id}.key"), path.with_name(f"{path.stem}.next.key")
    staged.unlink(missing_ok=True)
    new = KeyRing(make_key(staged), PRODUCT)
    kept.unlink(missing_ok=True)
    kept.hardlink_to(path)
    record_act(lake, act=ROTATED, by=by, subject=new.key_id, reason=reason, detail={"from": old.key_id})
    staged.replace(path)
    fsync(path.parent)
    return new.key_id


def _was_meant(lake: Lake, key_id: str) -> bool:
    return any(one.act == ROTATED and one.subject == key_id for one in acts(lake))
