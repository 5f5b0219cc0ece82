"""Motion whose root is seen from a partner."""

from dataclasses import replace

import numpy as np
import pytest

from tests.motion.factories import make_clip
from transflower.core.errors import DataError
from transflower.features.motion.codec import decode_motion, encode_motion, last_placement, places_of
from transflower.features.motion.describe import describe_motion, with_partner
from transflower.features.sidecar import sidecar_from_dict
from transflower.motion import rotations as rot
from transflower.motion.kinematics import forward
from transflower.motion.placement import Places


@pytest.fixture(scope="module")
def couple():
    leader, follower = make_clip(40, seed=1), make_clip(40, seed=2)
    plain = describe_motion(follower, "expmap")
    return leader, follower, plain, with_partner(plain)


def test_the_follower_comes_back_where_it_was(couple):
    leader, follower, plain, sidecar = couple
    partner = places_of(leader, plain)
    rows = encode_motion(follower, sidecar, partner=partner)
    assert rows.shape[1] == len(sidecar.names) == len(plain.names) - 1
    decoded = decode_motion(rows, sidecar, partner=partner)
    np.testing.assert_allclose(forward(decoded)[0], forward(follower)[0], atol=1e-4)


def test_only_where_they_are_to_each_other_counts(couple):
    leader, follower, plain, sidecar = couple
    rows = encode_motion(follower, sidecar, partner=places_of(leader, plain))
    turn, shift = rot.from_yaw(np.array(1.2)), np.array([3.0, 0.0, -2.0])

    def moved(clip):
        track = rot.rotate(turn, clip.translations[0]) + shift
        turned = clip.rotations.copy()
        turned[:, 0] = rot.multiply(turn, turned[:, 0])
        return replace(clip, rotations=turned, translations={**clip.translations, 0: track})

    again = encode_motion(moved(follower), sidecar, partner=places_of(moved(leader), plain))
    np.testing.assert_allclose(again, rows, atol=1e-4)


def test_a_partner_ahead_is_ahead(couple):
    _, follower, plain, sidecar = couple
    own = places_of(follower, plain)
    ahead = rot.rotate(rot.from_yaw(own.headings), np.array([0.0, 0.0, 1.0]))
    opposite = Places(positions=own.positions + ahead, headings=own.headings + np.pi)
    rows = dict(zip(sidecar.names, encode_motion(follower, sidecar, partner=opposite).T, strict=True))
    root = plain.names[-1].rpartition("_")[0]
    np.testing.assert_allclose(rows[f"{root}_Zposition"], 1, atol=1e-4)
    np.testing.assert_allclose(rows[f"{root}_Xposition"], 0, atol=1e-4)
    np.testing.assert_allclose(rows[f"{root}_Zfacing"], -1, atol=1e-4)


def test_the_sidecar_survives_json(couple):
    *_, plain, sidecar = couple
    assert sidecar_from_dict(sidecar.to_dict(), "motion.json").to_dict() == sidecar.to_dict()
    assert "root_frame" not in plain.to_dict()


def test_a_partner_must_be_there_and_as_long(couple):
    leader, follower, plain, sidecar = couple
    partner = places_of(leader, plain)
    with pytest.raises(DataError, match="none is given"):
        encode_motion(follower, sidecar)
    with pytest.raises(DataError, match="has 39 frames, and 40"):
        encode_motion(follower, sidecar, partner=partner[:39])
    rows = encode_motion(follower, sidecar, partner=partner)
    with pytest.raises(DataError, match="none is given"):
        decode_motion(rows, sidecar)
    with pytest.raises(DataError, match="seen from a partner"):
        last_placement(rows, sidecar)
