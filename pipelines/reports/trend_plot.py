"""The share of refused rows over deliveries, as inline SVG; a held delivery is a cross, for it has no accepted row."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from pipelines.reports import wording

WIDTH, HEIGHT, LEFT, FOOT, HEAD = 560, 160, 52, 26, 14

Point = tuple[str, float | None, bool]
"""Label, share of refused rows (None without rows), whether the delivery was accepted."""


def delivery_trend(points: Sequence[Point]) -> Markup:
    """A column a delivery, oldest first; nothing when there are fewer than two."""
    if len(points) < 2:
        return Markup("")
    top = max((share or 0.0 for _, share, _ in points), default=0.0) or 0.01
    step = (WIDTH - LEFT - 8) / len(points)
    every = max(1, -(-len(points) // 5))
    marks = Markup("").join(
        _mark(point, LEFT + 4 + step * place, step, top, place % every == 0) for place, point in enumerate(points)
    )
    return Markup(
        '<svg class="series" role="img" viewBox="0 0 {w} {h}" aria-label="{label}">'
        '<line class="axis" x1="{left}" y1="{base}" x2="{w}" y2="{base}"/>'
        '<text x="{tick}" y="{head}" text-anchor="end">{top}</text>'
        '<text x="{tick}" y="{base}" text-anchor="end">0</text>{marks}</svg>'
    ).format(w=WIDTH, h=HEIGHT, left=LEFT, tick=LEFT - 4, base=HEIGHT - FOOT, head=HEAD, top=wording.share(top),
             label=_label(points), marks=marks)  # fmt: skip


def _mark(point: Point, x: float, step: float, top: float, is_labelled: bool) -> Markup:
    label, share, is_accepted = point
    base = HEIGHT - FOOT
    height = round((share or 0.0) / top * (base - HEAD), 1)
    middle = round(x + step * 0.4, 1)
    mark = Markup('<rect class="column" x="{x}" y="{y}" width="{w}" height="{h}"/>').format(
        x=round(x, 1), y=round(base - height, 1), w=round(step * 0.8, 1), h=height
    )
    if not is_accepted:
        mark += Markup('<text x="{x}" y="{y}" text-anchor="middle" font-weight="700">×</text>').format(
            x=middle, y=round(base - height - 3, 1)
        )
    if is_labelled:
        mark += Markup('<text x="{x}" y="{y}" text-anchor="start">{label}</text>').format(
            x=round(x, 1), y=HEIGHT - 8, label=label
        )
    return mark


def _label(points: Sequence[Point]) -> str:
    told = ", ".join(
        f"{name} {wording.share(share)}{'' if accepted else ' (held)'}" for name, share, accepted in points
    )
    return f"Share of refused rows by delivery: {told}"
