"""Hold every delivery against its data contract: each row is accepted, quarantined or superseded."""
