"""Which feet will stand, as classes."""

from dataclasses import replace

import numpy as np
import pytest

from tests.motion.factories import make_clip, make_skeleton
from transflower.core.errors import DataError, FormatError
from transflower.features.contacts import ContactStream, decode_contacts, encode_contacts, find_feet
from transflower.features.sidecar import ContactsSidecar, sidecar_from_dict
from transflower.motion.clip import Clip
from transflower.synthetic.recording import make_recording

SIDECAR = ContactsSidecar(fps=30.0, of="motion", ahead=3, feet=("LeftFoot", "RightFoot"))


@pytest.fixture(scope="module")
def dance() -> Clip:
    return make_recording(0, 0, seconds=8).clip


def lifted(clip: Clip, foot: str, frames: slice) -> Clip:
    """A leg is bent at the hip for some frames."""
    rotations = clip.rotations.copy()
    hip = clip.skeleton.names.index(foot.replace("Foot", "UpLeg"))
    rotations[frames, hip] = [np.cos(0.6), -np.sin(0.6), 0, 0]
    return replace(clip, rotations=rotations)


def test_feet_of_a_body_are_found_left_before_right(dance):
    assert find_feet(dance) == SIDECAR.feet
    with pytest.raises(DataError, match="no legs"):
        find_feet(make_clip(5, skeleton=make_skeleton(num_joints=4)))
    with pytest.raises(DataError, match="no joint of a foot"):
        find_feet(make_clip(5))  # Its legs end at the ends of bones.


def test_a_class_tells_of_a_later_frame(dance):
    still = replace(
        dance,
        rotations=dance.rotations[:1].repeat(60, axis=0),
        translations={joint: track[:1].repeat(60, axis=0) for joint, track in dance.translations.items()},
    )
    clip = lifted(still, "RightFoot", slice(20, 40))
    classes = encode_contacts(clip, SIDECAR)[:, 0]
    assert classes.tolist() == [3] * 17 + [1] * 21 + [3] * 22  # until it has come down
    standing = decode_contacts(classes[:, None], clip.skeleton, SIDECAR)
    assert [clip.skeleton.names[ankle] for ankle in standing.ankles] == ["LeftFoot", "RightFoot"]
    assert standing.stands[:, 0].all()
    assert np.flatnonzero(~standing.stands[:, 1]).tolist() == list(range(20, 41))


def test_pieces_tell_the_same_as_the_whole(dance):
    classes = encode_contacts(dance, SIDECAR)
    whole = decode_contacts(classes, dance.skeleton, SIDECAR).stands
    stream = ContactStream(dance.skeleton, SIDECAR)
    found = [stream.push(piece).stands for piece in np.split(classes, [1, 2, 2, 40])[:3]]
    restored = ContactStream(dance.skeleton, SIDECAR)
    restored.load_state_dict(stream.state_dict())
    found += [restored.push(piece).stands for piece in np.split(classes, [1, 2, 2, 40])[3:]]
    np.testing.assert_array_equal(np.concatenate(found), whole)


def test_bodies_without_such_feet_are_refused(dance):
    other = replace(SIDECAR, feet=("LeftFoot", "Paw"))
    with pytest.raises(DataError, match="the skeleton has no foot 'Paw'"):
        encode_contacts(dance, other)
    with pytest.raises(DataError, match="the skeleton has no foot 'Paw'"):
        decode_contacts(np.zeros((4, 1), np.int64), dance.skeleton, other)


def test_the_sidecar_is_json_and_names_its_faults():
    assert sidecar_from_dict(SIDECAR.to_dict(), "contacts.json") == SIDECAR
    for change, told in (({"feet": ["a", "a"]}, "twice"), ({"ahead": -1}, "ahead"), ({"feet": []}, "feet")):
        with pytest.raises(FormatError, match=told):
            sidecar_from_dict({**SIDECAR.to_dict(), **change}, "contacts.json")
