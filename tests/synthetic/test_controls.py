import numpy as np

from transflower.synthetic.controls import INDEX, NAMES, mirror


def test_mirroring_twice_is_the_identity():
    controls = np.random.default_rng(0).normal(size=(3, len(NAMES)))
    np.testing.assert_array_equal(mirror(mirror(controls)), controls)


def test_a_mirror_swaps_the_arms_and_turns_the_hips_the_other_way():
    controls = np.zeros((1, len(NAMES)))
    controls[0, [INDEX["elbow_l"], INDEX["hip_yaw"], INDEX["rise"]]] = 50, 20, 0.1
    mirrored = mirror(controls)[0]
    assert mirrored[INDEX["elbow_r"]] == 50
    assert mirrored[INDEX["elbow_l"]] == 0
    assert mirrored[INDEX["hip_yaw"]] == -20
    assert mirrored[INDEX["rise"]] == 0.1
