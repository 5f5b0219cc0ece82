"""What is said of the statistics of a folder."""

import numpy as np

from transflower.core.listing import first_few, name_some
from transflower.data.stats.folder_stats import FolderStats

_QUIET_DECIBELS = 20.0
"""A sound this much below the median of the folder is quiet."""
_SURE, _LATE_SECONDS = 0.3, 0.1
"""A shift as sure and as large as this is told."""


def told(stats: FolderStats, *, most: int) -> str:
    """The statistics as text."""
    lines = [f"{stats.folder}: {len(stats.sequences)} sequences, {stats.hours():.2f} hours"]
    lines += [f"  {split}: {len(ids)} sequences, {stats.hours(ids):.2f} hours" for split, ids in stats.splits.items()]
    lines += [f"  {name}: {what}" for name, what in stats.features.items()]
    lines += [f"skeleton of {name}: {what}" for name, what in stats.skeletons.items()]
    lines += [said for say in (_lengths, _sound, _sync, _movement) if (said := say(stats, most))]
    for feature, found in stats.labels().items():
        shares = [f"{label} {seconds / 60:.1f} min" for label, seconds in found.items()]
        lines.append(f"{feature}: {name_some(shares, most=max(most, 1)) or 'no class'}")
    lines += [
        f"missing: {name} of {len(ids)} sequences: {name_some(ids, most=most)}" for name, ids in stats.missing.items()
    ]
    outliers = [f"  {one.file} at {one.second:.2f} s: {one.what}" for one in stats.outliers]
    if outliers:
        files = len({one.file for one in stats.outliers})
        lines += [f"outliers: {len(outliers)} in {files} files", *first_few(outliers, most, more="  and {} more")]
    lines += first_few([f"not measured: {one}" for one in stats.problems], most, more="and {} more problems")
    return "\n".join(lines)


def _lengths(stats: FolderStats, most: int) -> str:
    seconds = stats.numbers("seconds")
    if not seconds:
        return "lengths: no frame rate is known"
    values = np.array(list(seconds.values()))
    shortest, longest = min(seconds, key=seconds.__getitem__), max(seconds, key=seconds.__getitem__)
    ends = f"{values.min():.1f} s ({shortest}) to {values.max():.1f} s ({longest})"
    return f"lengths: {ends}, median {np.median(values):.1f} s"


def _sound(stats: FolderStats, most: int) -> str:
    loudness = stats.numbers("loudness")
    if not loudness:
        return ""
    median = float(np.median(list(loudness.values())))
    quiet = sorted(
        (one for one, level in loudness.items() if level < median - _QUIET_DECIBELS), key=loudness.__getitem__
    )
    silent = {one: seconds for one, seconds in stats.numbers("silence").items() if seconds}
    parts = [
        f"loudness: {median:.0f} dB in the median, {min(loudness.values()):.0f} to {max(loudness.values()):.0f} dB"
    ]
    if quiet:
        parts.append(f"much quieter: {name_some([f'{one} ({loudness[one]:.0f} dB)' for one in quiet], most=most)}")
    if silent:
        share = sum(silent.values()) / max(sum(stats.numbers("seconds").values()), 1e-9)
        parts.append(f"silence is {share:.1%} of the time, in {name_some(sorted(silent), most=most)}")
    return "; ".join(parts)


def _sync(stats: FolderStats, most: int) -> str:
    shifts, sure = stats.numbers("shift"), stats.numbers("shift_confidence")
    if not shifts:
        return ""
    bpm = list(stats.numbers("bpm").values())
    known = [one for one in shifts if sure[one] >= _SURE]
    said = "music"
    if bpm:
        said += f": {np.min(bpm):.0f} to {np.max(bpm):.0f} beats per minute as danced, median {np.median(bpm):.0f}"
    said += f"; beats of the motion go with those of the music in {len(known)} of {len(shifts)} sequences"
    if known:
        said += f", nearest if the motion came {_later(float(np.median([shifts[one] for one in known])))}"
    late = sorted((one for one in known if abs(shifts[one]) > _LATE_SECONDS), key=lambda one: -abs(shifts[one]))
    if late:
        named = [f"{one} ({_later(shifts[one])}, confidence {sure[one]:.2f})" for one in late]
        said += f"; shifted by more than {_LATE_SECONDS:g} s: {name_some(named, most=most)}"
    return said


def _later(seconds: float) -> str:
    return f"{abs(seconds):.2f} s {'later' if seconds >= 0 else 'earlier'}"


def _movement(stats: FolderStats, most: int) -> str:
    speed = list(stats.numbers("speed").values())
    if not speed:
        return ""
    said = f"movement: joints move by {np.mean(speed):.2f} m/s ({np.min(speed):.2f} to {np.max(speed):.2f})"
    contacts = [one.contacts for one in stats.sequences if one.contacts]
    if contacts:
        shares = [[one[foot] for one in contacts if len(one) > foot] for foot in range(len(contacts[0]))]
        feet = [f"{np.mean(share):.0%}" for share in shares]
        slide, floor = stats.numbers("slide"), stats.numbers("floor")
        said += f"; feet stand for {' and '.join(feet)} of the time"
        if slide:
            said += f", and slide meanwhile by {np.mean(list(slide.values())):.2f} m/s"
        said += f"; the lowest of the feet is at {min(floor.values()):.2f} to {max(floor.values()):.2f} m"
    return said
