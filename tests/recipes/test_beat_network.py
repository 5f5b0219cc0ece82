import numpy as np
import pytest
import torch

from recipes.beat_network.batches import Batches
from recipes.beat_network.events import Score, note, read_score, signature, tempo, write_score
from recipes.beat_network.examples import load_example, make_example
from recipes.beat_network.grids import has_clear_bars, is_on_grid
from recipes.beat_network.network import NetworkOptions, TrainedNetwork
from recipes.beat_network.tracked import agreed_beats, read_tempi
from recipes.beat_network.training import TrainingOptions, train
from recipes.beat_network.variants import vary
from recipes.midi import read_grid
from tests.features.audio.factories import make_rock
from transflower.features.audio.beat_activations import LATER, SAMPLE_RATE, levels, powers
from transflower.features.audio.beat_network import BeatNetwork

KICK, DRUMS = 36, 9
TINY = NetworkOptions(channels=6, blocks=3)


def make_song(*, late: int = 0, beats: int = 64) -> bytes:
    """A kick on every bar, a note on every quarter of 100 bpm, ``late`` ticks of 96."""
    events = [tempo(0, 100.0), signature(0, 4, 4)]
    for beat in range(beats):
        events += note(beat * 96 + late, beat * 96 + 60, 0, 60, 90)
        if beat % 4 == 0:
            events += note(beat * 96 + late, beat * 96 + 60, DRUMS, KICK, 90)
    return write_score(Score(96, []).with_events(events))


def test_the_package_runs_the_network_as_torch_does() -> None:
    network = TrainedNetwork(TINY).eval()
    weights = network.weights()
    exact = {name: torch.from_numpy(value.astype(np.float32)) for name, value in weights.items()}
    network.load_state_dict(
        {name: value.permute(2, 1, 0) if value.ndim == 3 else value for name, value in exact.items()}
    )
    inputs = np.random.default_rng(0).standard_normal((50, 100)).astype(np.float32)
    with torch.no_grad():
        expected = torch.sigmoid(network(torch.from_numpy(inputs)[None]))[0].numpy()
    packaged = BeatNetwork(weights)
    found = np.concatenate([packaged.push(inputs[:20]), packaged.push(inputs[20:])])
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_scores_are_written_as_they_are_read() -> None:
    score = read_score(make_song())
    assert read_score(write_score(score)) == score


@pytest.mark.parametrize("seed", range(6))
def test_variants_have_their_notes_on_their_beats(seed: int) -> None:
    data = vary(make_song(), np.random.default_rng(seed), seconds=15)
    grid = read_grid(data)
    kinds = {event.kind for event in read_score(data).events}
    assert 8 < grid.seconds < 25
    assert 60 / np.diff(grid.beats).mean() == pytest.approx(100, rel=0.4)
    assert grid.is_downbeat[0]
    assert 0x90 in kinds
    assert has_clear_bars(make_song())
    assert is_on_grid(make_song())


def test_songs_off_their_grid_are_told() -> None:
    assert not is_on_grid(make_song(late=12))


def test_an_example_has_its_beats_where_the_sound_has_them(tmp_path) -> None:
    sound = np.zeros(2 * SAMPLE_RATE, np.float32)
    sound[SAMPLE_RATE] = 1
    make_example(sound, np.array([0.5, 1.0]), np.array([True, False])).save(tmp_path / "a.npz")
    example = load_example(tmp_path / "a.npz")
    assert example.targets[[29, 30, 31, 59, 60, 61]].tolist() == [
        [0.5, 0.5],
        [1, 1],
        [0.5, 0.5],
        [0.5, 0],
        [1, 0],
        [0.5, 0],
    ]
    assert abs(int(example.inputs.sum(axis=1).argmax()) - 60) <= 1


def test_batches_shift_the_targets_by_what_the_network_may_hear() -> None:
    inputs = np.zeros((3000, 100), np.float16)
    targets = np.zeros((3000, 2), np.float16)
    at = np.arange(0, 3000, 37)
    inputs[at] = 1.5
    targets[at] = 1
    example = make_example(np.zeros(SAMPLE_RATE, np.float32), np.zeros(0), np.zeros(0, bool))
    example = type(example)(inputs=inputs, targets=targets, is_known=np.array([True, False]))
    batch = Batches([example], [1.0], [example], np.random.default_rng(0)).draw(8)
    for heard, wanted, counts in zip(batch.inputs, batch.targets, batch.counts, strict=True):
        assert not counts[:, 1].any() or not wanted.any()
        beats = torch.nonzero(wanted[:, 0])[:, 0]
        assert all(heard[beat - LATER].mean() > heard[beat].mean() for beat in beats if beat + 1 < len(heard))


def test_levels_are_powers_again() -> None:
    power = np.array([0, 1e-9, 1e-5, 1.0], np.float32)
    np.testing.assert_allclose(powers(levels(power)), power, rtol=1e-3, atol=1e-13)


def test_an_interrupted_training_goes_on(tmp_path) -> None:
    example = make_example(np.zeros(SAMPLE_RATE, np.float32), np.zeros(0), np.zeros(0, bool))
    batches = Batches([example], [1.0], [example], np.random.default_rng(0))
    lines: list[str] = []
    network = TrainedNetwork(TINY)
    mean = train(network, batches, TrainingOptions(steps=3, batch_size=2), tmp_path, lines.append)
    again = TrainedNetwork(TINY)
    loaded = train(again, batches, TrainingOptions(steps=3, batch_size=2), tmp_path, lines.append)
    assert len(lines) == 1
    for name, value in mean.weights().items():
        np.testing.assert_array_equal(value, loaded.weights()[name])


def test_recordings_have_the_beats_on_which_a_grid_and_a_tracker_agree() -> None:
    audio, beats = make_rock(111, 20)
    found = agreed_beats(audio.mono, 110.0)
    assert found is not None
    inner = found[(found > 2) & (found < 19)]
    assert np.abs(inner[:, None] - beats).min(axis=1).max() < 0.04
    noise = 0.1 * np.random.default_rng(0).standard_normal(10 * SAMPLE_RATE)
    assert agreed_beats(noise.astype(np.float32), 110.0) is None


def test_stated_tempi_are_read() -> None:
    assert read_tempi("calm/\n  calm_1.opus    68 bpm  C major\n  b.opus 150 bpm") == {"calm_1": 68, "b": 150}
