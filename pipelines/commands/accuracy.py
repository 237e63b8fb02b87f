"""How the linkage does against a known truth, for the terminal."""

from collections.abc import Iterator

from pipelines.link import Evaluation, Quality


def accuracy_lines(found: Evaluation) -> Iterator[str]:
    """Overall first, then every cut."""
    yield f"{'':<34}{'precision':>10}{'recall':>10}{'F1':>10}{'B-cubed F1':>12}{'exact':>10}"
    yield _line("all", found.overall)
    for pair, quality in found.by_agency_pair.items():
        yield _line(pair.replace("+", " + "), quality)
    for cut, values in found.by_attribute.items():
        for value, quality in values.items():
            yield _line(f"{cut.replace('_', ' ')}: {value}", quality)


def _line(name: str, quality: Quality) -> str:
    figures = (quality.precision, quality.recall, quality.f1)
    text = "".join(_figure(value, 10) for value in figures)
    return f"{name:<34}{text}{_figure(quality.bcubed_f1, 12)}{_figure(quality.persons_exactly_right, 10)}"


def _figure(value: float | None, width: int) -> str:
    return f"{'–':>{width}}" if value is None else f"{value:>{width}.4f}"
