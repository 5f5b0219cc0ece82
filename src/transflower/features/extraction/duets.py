"""Features of couples: the motion of one dancer, whose root is seen from the other, and the motion of that one.

``OUT/<id>.follower.npy`` and ``OUT/<id>.partner.npy``, where the id is that of the follower; the sidecars
``follower.json`` and ``partner.json``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from transflower.core.errors import DataError
from transflower.features.extraction.motion import kept_sidecar, motion_reader, reading_digest, survey_sources
from transflower.features.extraction.options import MotionExtraction
from transflower.features.extraction.reading import ClipReader
from transflower.features.extraction.report import ExtractionReport
from transflower.features.extraction.sources import Source
from transflower.features.extraction.target import Target
from transflower.features.motion.codec import encode_motion, places_of
from transflower.features.motion.describe import with_partner
from transflower.features.sidecar import MotionSidecar
from transflower.motion.clip import Clip
from transflower.motion.mirror import mirror

FOLLOWER, PARTNER = "follower", "partner"
"""Names of the features."""


def extract_duets_of(
    couples: Sequence[tuple[Source, Source]], out: Path | str, options: MotionExtraction
) -> ExtractionReport:
    """Extract features of couples, each a follower and the partner who is given; both recordings start together.

    What both have is read. Arrays that were made from these recordings stay as they are.

    Raises:
        DataError: as ``extract_motion_of``; or there is no couple.
    """
    if not couples:
        raise DataError("no recording names a partner; the column partner of the table says whom somebody follows")
    followers = [replace(one, needs=(*one.needs, *other.needs, other.path), partner=other) for one, other in couples]
    targets = [
        Target(out=Path(out), name=name, mirror=options.mirror, overwrite=options.overwrite, tables=options.map)
        for name in (FOLLOWER, PARTNER)
    ]
    keeps = [target.keeps_sidecar(followers) for target in targets]
    kept = kept_sidecar(targets[1], options) if all(keeps) else None
    asked = replace(targets[0], reading=reading_digest(options, kept))
    unfinished = {*asked.pending(followers), *targets[1].lacking(followers)}
    pending = [one for one in followers if one in unfinished]
    seen = followers if options.onto is not None and pending else pending
    everyone = {one.sequence_id: one for follower in seen for one in _both(follower)}
    survey = survey_sources(list(everyone.values()), motion_reader(options), kept, options)
    problems, written = list(survey.problems), 0
    if survey.sidecar is not None:
        sidecar = replace(survey.sidecar, fps=options.fps)
        targets = [replace(target, reading=reading_digest(options, survey.sidecar)) for target in targets]
        if kept is None:
            targets = [
                replace(target, new_sidecar=new)
                for target, new in zip(targets, (with_partner(sidecar), sidecar), strict=True)
            ]
        readers = {one.sequence_id: reader for reader, usable in survey.groups for one in usable}
        whole = [one for one in pending if {each.sequence_id for each in _both(one)} <= readers.keys()]
        write = partial(_write_couple, readers=readers, sidecar=sidecar, targets=targets)
        outcomes = targets[0].write_all(write, whole, jobs=options.jobs)
        problems += [outcome.problem for outcome in outcomes if outcome.problem]
        written = sum(outcome.problem is None for outcome in outcomes)
    report = ExtractionReport(
        out=Path(out), written=written, skipped=len(followers) - len(pending), notes=tuple(survey.notes)
    )
    report.raise_problems(problems)
    return report


def _both(follower: Source) -> list[Source]:
    return [follower, *([] if follower.partner is None else [follower.partner])]


def _write_couple(
    follower: Source,
    readers: Mapping[str, ClipReader],
    sidecar: MotionSidecar,
    targets: Sequence[Target],
) -> None:
    clips = [readers[one.sequence_id].clip(one, sidecar.fps) for one in _both(follower)]
    length = min(clip.num_frames for clip in clips)
    clips = [clip[:length] for clip in clips]
    _save(follower.sequence_id, clips, sidecar, targets)
    for twin in targets[0].twins(follower.sequence_id):
        _save(twin, [mirror(clip, sidecar.symmetry) for clip in clips], sidecar, targets)


def _save(sequence_id: str, clips: Sequence[Clip], sidecar: MotionSidecar, targets: Sequence[Target]) -> None:
    """Write the arrays of a couple, that of the follower last: it says that both are there."""
    own, other = clips
    targets[1].save(sequence_id, encode_motion(other, sidecar))
    seen = encode_motion(own, with_partner(sidecar), partner=places_of(other, sidecar))
    targets[0].save(sequence_id, seen)
