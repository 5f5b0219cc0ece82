"""Where a dance is surprising."""

from dataclasses import replace

import numpy as np

from transflower.evaluation.surprise import smooth, surprising_stretches, typical_range
from transflower.generation.group_likelihood import GroupLikelihood

FPS, FRAMES = 30.0, 300
RNG = np.random.default_rng(0)


def likelihood(fault=0.0, frames=slice(0, 0), part="left arm", dims=12):
    """A dance whose surprise is noise, with a fault of one part; after it, all parts are odd for a frame."""
    noise = 0.1 * RNG.standard_normal((3, FRAMES))
    parts = {"left arm": noise[0].copy(), "head": noise[1].copy()}
    whole = noise[2].copy()
    parts[part][frames] -= fault
    whole[frames] -= fault * dims / 70
    if fault:
        parts["head"][frames.stop] -= 2 * fault
        whole[frames.stop] -= fault
    zeros = np.zeros(FRAMES)
    return GroupLikelihood(
        whole=whole,
        typical=zeros,
        groups=parts,
        typical_groups=dict.fromkeys(parts, zeros),
        dims=dict.fromkeys(parts, dims),
    )


def test_a_fault_is_found_where_it_is_and_in_the_part_where_it_began():
    (found,) = surprising_stretches(likelihood(20, slice(150, 152)), FPS)
    assert 4.8 < found.start < 5.01 < found.stop < 5.3
    assert found.parts == ("left arm",)
    assert found.deviations > 6


def test_two_faults_nearby_are_one_stretch_and_the_worst_of_several_comes_first():
    one, two = likelihood(20, slice(150, 152)), likelihood(40, slice(250, 252))
    both = GroupLikelihood(
        whole=one.whole + two.whole,
        typical=one.typical,
        groups={name: one.groups[name] + two.groups[name] for name in one.groups},
        typical_groups=one.typical_groups,
        dims=one.dims,
    )
    assert [round(stretch.start) for stretch in surprising_stretches(both, FPS)] == [8, 5]
    near = likelihood(20, slice(150, 152))
    near.whole[160:162] -= 20
    assert len(surprising_stretches(near, FPS)) == 1


def test_a_dance_like_the_models_own_has_no_stretch_and_the_beginning_does_not_count():
    assert surprising_stretches(likelihood(), FPS) == []
    early = likelihood(20, slice(5, 8))
    assert surprising_stretches(early, FPS) == []
    assert surprising_stretches(early, FPS, start=0.0)


def test_the_typical_range_holds_nine_of_ten_means_of_what_the_model_draws_and_leaves_the_beginning_out():
    drawn = 2.7 + 0.1 * RNG.standard_normal(FRAMES)
    drawn[:20] = -50
    found = replace(likelihood(), typical=drawn)
    low, high = typical_range(found, FPS)
    means = smooth(drawn[30:], FPS)
    assert 0.85 < ((low[30:] <= means) & (means <= high[30:])).mean() < 0.95
    assert 2.5 < low.min() < high.max() < 2.9
