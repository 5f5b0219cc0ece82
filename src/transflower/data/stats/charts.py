"""Charts of the statistics of a folder, as SVG."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from transflower.data.stats.folder_stats import FolderStats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE = (4.6, 2.8)
_COLOUR, _OTHER = "#3b6ea5", "#c2703d"
_MOST_BARS = 20


def charts(stats: FolderStats) -> Iterator[tuple[str, str]]:
    """Title and SVG of each chart for which there is something to show."""
    hours = {split: stats.hours(ids) for split, ids in stats.splits.items()}
    bars: dict[str, tuple[Mapping[str, float], str]] = {"Hours of each split": (hours, "hours")}
    for feature, found in stats.labels().items():
        bars[f"Minutes of each {feature}"] = ({label: value / 60 for label, value in found.items()}, "minutes")
    bars["Files of each feature"] = (
        {name: float(count) for name, count in stats.counts.items()},
        "files",
    )
    for title, (values, unit) in bars.items():
        if values:
            yield title, _drawn(partial(_draw_bars, values=values, unit=unit))
    histograms = {
        "Lengths": ("seconds", "seconds"),
        "Loudness": ("loudness", "decibels below full scale"),
        "Silence": ("silence", "seconds of silence in a sequence"),
        "Tempo of the music, as danced": ("bpm", "beats per minute"),
        "Speed of the joints": ("speed", "metres per second"),
        "Slide of standing feet": ("slide", "metres per second"),
        "Lowest point of the feet": ("floor", "metres"),
    }
    for title, (name, unit) in histograms.items():
        if (numbers := list(stats.numbers(name).values())) and (name != "silence" or any(numbers)):
            yield title, _drawn(partial(_draw_histogram, numbers=numbers, unit=unit))
    if contacts := [one.contacts for one in stats.sequences if one.contacts]:
        yield "Contacts", _drawn(partial(_draw_contacts, contacts=contacts))
    if shifts := stats.numbers("shift"):
        sure = stats.numbers("shift_confidence")
        pairs = [(shifts[one], sure[one]) for one in shifts]
        yield "Sync: beats of the motion and of the music", _drawn(partial(_draw_sync, pairs=pairs))


def _drawn(draw: Callable[["Axes"], None]) -> str:
    """What ``draw`` draws, as the element of a page."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "stats", "font.size": 9, "font.family": "sans-serif"}):
        figure = Figure(figsize=_SIZE, layout="constrained")
        axes = figure.add_subplot()
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    return text[text.index("<svg") :]


def _draw_bars(axes: "Axes", values: Mapping[str, float], unit: str) -> None:
    shown = dict(list(values.items())[:_MOST_BARS])
    axes.barh([label[:30] for label in shown], list(shown.values()), color=_COLOUR)
    axes.invert_yaxis()
    axes.set_xlabel(unit)


def _draw_histogram(axes: "Axes", numbers: Sequence[float], unit: str) -> None:
    axes.hist(numbers, bins=min(30, max(5, len(numbers) // 2)), color=_COLOUR)
    axes.set_xlabel(unit)
    axes.set_ylabel("sequences")
    axes.locator_params(axis="y", integer=True)


def _draw_contacts(axes: "Axes", contacts: Sequence[Sequence[float]]) -> None:
    for foot in range(max(map(len, contacts))):
        shares = [one[foot] for one in contacts if len(one) > foot]
        axes.hist(
            shares, bins=20, range=(0, 1), histtype="step", label=f"foot {foot + 1}", color=(_COLOUR, _OTHER)[foot % 2]
        )
    axes.set_xlabel("share of the time that a foot stands")
    axes.set_ylabel("sequences")
    axes.legend(frameon=False)


def _draw_sync(axes: "Axes", pairs: Sequence[tuple[float, float]]) -> None:
    shifts, sure = zip(*pairs, strict=True)
    axes.axvline(0, color="0.8")
    axes.scatter(shifts, sure, s=12, color=_COLOUR, alpha=0.6)
    axes.set_ylim(0, 1)
    axes.set_xlabel("seconds by which the motion would have to come later")
    axes.set_ylabel("confidence")
