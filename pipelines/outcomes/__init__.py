"""Compute every measure for every person, and aggregate with intervals, from mature windows only."""

from pipelines.outcomes.definitions import DEFINITIONS, Measure, load_measures
from pipelines.outcomes.measure import MeasureReport, measure

__all__ = ["DEFINITIONS", "Measure", "MeasureReport", "load_measures", "measure"]
