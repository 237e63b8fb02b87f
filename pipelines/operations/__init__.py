"""Keeping a lake alive: which form it is in, room for a run, backups, what is wrong with it, what waits.

    state.py     the form of a lake, by number            upgrades.py  from one form to the next
    disk.py      room for a run, before it starts         backup.py    a copy that can be proven
    restore.py   a lake out of such a copy                finding.py   ok, warn or fail, with its mend
    doctor/      is this machine, is this lake, well?     status.py    what is stale, held, waiting

Belongs here: what is done *to* a lake by those who run it, whatever its tables say. Does not belong here: what a stage
makes, and Dagster. Limits stand in `limits.yaml`, each with its reason.
"""
