from dataclasses import replace

import numpy as np

from tests.training.factories import IDS, experiment, write_recordings
from transflower.models import InputConfig
from transflower.training.opening import find_opening
from transflower.training.preparation import open_data


def test_an_opening_is_a_piece_of_a_training_recording_that_ends_near_the_mean(tmp_path):
    folder = write_recordings(tmp_path / "long", num_frames=60)
    one = experiment(folder)
    data = open_data(one)
    found = find_opening(data, one)["motion"]
    recordings = [np.load(folder / f"{name}.motion.npy") for name in IDS[:-1]]
    pieces = np.concatenate([np.lib.stride_tricks.sliding_window_view(r, len(found), 0) for r in recordings])
    assert np.any(np.all(pieces.transpose(0, 2, 1) == found, axis=(1, 2)))
    mean, std = data.statistics["motion"].mean, data.statistics["motion"].std
    distances = np.sum(((np.concatenate(recordings) - mean) / std) ** 2, axis=1)
    assert np.sum(((found[-1] - mean) / std) ** 2) < np.quantile(distances, 0.2)


def test_a_model_that_does_not_read_what_it_draws_has_no_opening(tmp_path):
    one = experiment(write_recordings(tmp_path / "long", num_frames=60))
    one = replace(one, model=replace(one.model, inputs={"audio": InputConfig(length=6)}))
    assert find_opening(open_data(one), one) == {}
