"""How is the way of a request drawn? Stations from top to bottom: the taken way lit, the stop red, the rest dashed."""

from __future__ import annotations

from policyeval.explain.flow import State, Station
from policyeval.explain.markup import Markup, element, joined

_WIDTH, _STEP, _HEIGHT = 452, 52, 36
_LEFT, _BOX = 8, 316
_MIDDLE = _LEFT + _BOX // 2
_PILL = 92

_SIGNS = {
    State.PASSED: "✓",
    State.ABSENT: "–",
    State.NOT_NEEDED: "–",
    State.STOPPED: "✗",
    State.UNREACHED: "",
}


def flow_svg(stations: tuple[Station, ...], allowed: bool, about: str) -> Markup:
    """Draw the stations; styles are classes, so that the page needs no inline style."""
    last = len(stations) + 1
    height = last * _STEP + _HEIGHT + 2
    drawn = [
        _terminal(0, "Request", "start lit"),
        *(_station(number, one) for number, one in enumerate(stations, 1)),
        _wire(last, allowed),
        _terminal(last, "Allowed", "end lit" if allowed else "end dashed"),
    ]
    return element(
        "svg", element("title", about), *drawn,
        viewBox=f"0 0 {_WIDTH} {height}", role="img", class_="flow", aria_label=about,
    )  # fmt: skip


def _top(number: int) -> int:
    return number * _STEP + 1


def _wire(number: int, lit: bool) -> Markup:
    """Connect a station with the one above it."""
    end = _top(number) - 1
    start = end - (_STEP - _HEIGHT) + 1
    return joined(
        element("path", d=f"M{_MIDDLE} {start}V{end}", class_=f"wire {'lit' if lit else 'dashed'}"),
        element("path", d=f"M{_MIDDLE - 4} {end - 6}l4 6l4 -6", class_="tip lit") if lit else None,
    )


def _terminal(number: int, label: str, style: str) -> Markup:
    return element(
        "g", _box(_MIDDLE - 60, _top(number), 120, _HEIGHT // 2),
        element("text", label, x=str(_MIDDLE), y=str(_top(number) + 23), text_anchor="middle"),
        class_=f"terminal {style}",
    )  # fmt: skip


def _station(number: int, station: Station) -> Markup:
    top = _top(number)
    style = station.state.name.lower().replace("_", "-")
    answer = f"{_SIGNS[station.state]} {station.answer}".strip()
    return element(
        "g", _wire(number, station.state is not State.UNREACHED), _box(_LEFT, top, _BOX, 6),
        element("text", station.name, x=str(_LEFT + 12), y=str(top + 23), class_="name"),
        element("text", answer, x=str(_LEFT + _BOX - 12), y=str(top + 23), text_anchor="end", class_="answer"),
        _denied(top) if station.state is State.STOPPED else None,
        class_=f"station {style}",
    )  # fmt: skip


def _denied(top: int) -> Markup:
    """The way out of the flow, to the right of the station that stops."""
    right, middle = _LEFT + _BOX, top + _HEIGHT // 2
    return element(
        "g", element("path", d=f"M{right} {middle}H{_WIDTH - _PILL - 8}", class_="wire"),
        element("path", d=f"M{_WIDTH - _PILL - 14} {middle - 4}l6 4l-6 4", class_="tip"),
        _box(_WIDTH - _PILL - 8, top, _PILL, _HEIGHT // 2),
        element("text", "Denied", x=str(_WIDTH - _PILL // 2 - 8), y=str(top + 23), text_anchor="middle"),
        class_="denied",
    )  # fmt: skip


def _box(left: int, top: int, width: int, radius: int) -> Markup:
    return element("rect", x=str(left), y=str(top), width=str(width), height=str(_HEIGHT), rx=str(radius))
