"""How the linkage does against a known truth, for the terminal."""

from collections.abc import Iterator

from pipelines.link import Evaluation, Quality


def accuracy_lines(found: Evaluation) -> Iterator[str]:
    """Overall first, then every cut."""
    yield f"{'':<40}{'precision':>18}{'recall':>18}{'F1':>10}{'B-cubed F1':>12}{'exact':>10}"
    yield _line("all", found.overall)
    for pair, quality in found.by_agency_pair.items():
        yield _line(pair.replace("+", " + "), quality)
    for cut, values in found.by_attribute.items():
        for value, quality in values.items():
            yield _line(f"{cut.replace('_', ' ')}: {value}", quality)
    yield "± half of the 95 % interval, over resampled persons"


def _line(name: str, quality: Quality) -> str:
    precision = _figure(quality.precision, 10) + _half(quality.precision_lower, quality.precision_upper)
    recall = _figure(quality.recall, 10) + _half(quality.recall_lower, quality.recall_upper)
    rest = _figure(quality.f1, 10) + _figure(quality.bcubed_f1, 12) + _figure(quality.persons_exactly_right, 10)
    return f"{name:<40}{precision}{recall}{rest}"


def _half(lower: float | None, upper: float | None) -> str:
    return " " * 8 if lower is None or upper is None else f" ±{(upper - lower) / 2:.4f}"


def _figure(value: float | None, width: int) -> str:
    return f"{'–':>{width}}" if value is None else f"{value:>{width}.4f}"
