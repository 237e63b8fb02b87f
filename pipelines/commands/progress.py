"""Progress of a run on the terminal: a line a step, with its seconds and rows; Dagster's own log is not shown."""

import logging
import time
from collections.abc import Callable

import dagster as dg

Say = Callable[[str], None]


class StepLines(logging.Handler):
    """Turns Dagster's step events into lines."""

    def __init__(self, say: Say) -> None:
        super().__init__()
        self._say = say
        self._began: dict[str, float] = {}
        self._rows: dict[str, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one event; every other kind of record is passed over."""
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        if not isinstance(event, dg.DagsterEvent) or event.step_key is None:
            return
        step = event.step_key
        if event.event_type == dg.DagsterEventType.STEP_START:
            self._began[step] = time.monotonic()
        elif event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
            self._rows[step] = self._rows.get(step, 0) + _rows(event)
        elif event.event_type in (dg.DagsterEventType.STEP_SUCCESS, dg.DagsterEventType.STEP_FAILURE):
            self._say(self._line(step, failed=event.is_step_failure))

    def _line(self, step: str, failed: bool) -> str:
        seconds = time.monotonic() - self._began.get(step, time.monotonic())
        rows = f"{self._rows[step]:>12,} rows" if self._rows.get(step) else ""
        return f"  {step.replace('_', ' '):<26}{seconds:7.1f} s{rows}{'   failed' if failed else ''}"


def _rows(event: dg.DagsterEvent) -> int:
    value = event.step_materialization_data.materialization.metadata.get("dagster/row_count")
    return value.value or 0 if isinstance(value, dg.IntMetadataValue) else 0


def progress_logger(say: Say) -> dg.LoggerDefinition:
    """A Dagster logger that writes step lines and nothing else."""

    def lines(_: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("countylink.progress", level=logging.DEBUG)
        logger.addHandler(StepLines(say))
        return logger

    return dg.LoggerDefinition(lines, description="one line a step")
