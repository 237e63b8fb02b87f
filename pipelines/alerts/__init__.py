"""Tell people, by mail and webhook, that something waits for them.

Takes notices: what kind of trouble, of which asset, and what to do. Gives messages that carry names of checks, agencies
and runs, and never a row, a file name or the text of an error: mail leaves the county's machine. Belongs here: what is
said, to whom, how often, and over which wire. Does not belong here: what trouble is (`defs/alerts.py` reads it off the
runs).
"""

from pipelines.alerts.notice import Notice
from pipelines.alerts.sending import Sent, send
from pipelines.alerts.settings import AlertSettings, load_settings

__all__ = ["AlertSettings", "Notice", "Sent", "load_settings", "send"]
