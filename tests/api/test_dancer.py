"""Dances in a few lines of Python."""

import numpy as np
import pytest

import transflower
from transflower.core.errors import DataError, OptionsError
from transflower.features.motion.codec import encode_motion
from transflower.formats.bvh import read_bvh
from transflower.generation import motion_sidecars
from transflower.render.options import VideoConfig


@pytest.fixture(scope="module")
def dance(loaded, song):
    return transflower.Dancer(loaded).dance(song, seed=1)


def test_the_pretrained_model_is_loaded_by_default():
    assert transflower.load().outputs == ["motion", "moves"]
    assert "load" in transflower.__all__
    with pytest.raises(AttributeError, match="has no attribute 'lode'"):
        transflower.lode  # noqa: B018


def test_the_same_seed_gives_the_same_dance(loaded, song, dance):
    dancer = transflower.load(loaded.folder)
    again, other = dancer.dance(song, seed=1), dancer.dance(song, seed=2)
    np.testing.assert_array_equal(again.features["motion"], dance.features["motion"])
    assert np.abs(other.features["motion"] - dance.features["motion"]).max() > 0.01


def test_several_dances_have_numbers_and_the_first_is_that_of_one(loaded, song, dance):
    first, second = transflower.Dancer(loaded).dances(song, 2, seed=1)
    assert (first.name, second.name) == ("song_0", "song_1")
    np.testing.assert_allclose(first.features["motion"], dance.features["motion"], atol=1e-4)
    with pytest.raises(OptionsError, match="num_samples must be at least 1"):
        transflower.Dancer(loaded).dances(song, 0)


def test_a_dance_is_saved_as_the_end_of_the_name_says(loaded, dance, tmp_path):
    path = dance.save(tmp_path / "new" / "x.bvh")
    sidecar = motion_sidecars(loaded)["motion"]
    np.testing.assert_allclose(
        encode_motion(read_bvh(path).clip, sidecar), encode_motion(dance.clip, sidecar), atol=1e-3
    )
    dance.save(tmp_path / "x.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), dance.features["motion"])
    assert dance.save(tmp_path / "x.mp4", render=VideoConfig(width=64, height=64, fps=10.0)).stat().st_size > 1000
    with pytest.raises(OptionsError, match=r"x\.fbx: what shall it be\? Names end with \.bvh, .*\.mp4"):
        dance.save(tmp_path / "x.fbx")


def test_a_page_is_saved_and_shown_in_a_cell_of_a_notebook(dance, tmp_path):
    text = dance.save(tmp_path / "x.html").read_text(encoding="utf-8")
    assert '"logLikelihood":[' in text
    shown = dance.show(height=300)._repr_html_()
    assert shown.startswith('<iframe srcdoc="&lt;!')
    assert 'height="300"' in shown


def test_a_dance_knows_how_likely_it_is_and_goes_on_from_a_prompt(loaded, song, dance, tmp_path):
    assert dance.log_likelihood["motion"].shape == (dance.clip.num_frames,)
    assert dance.beat_lock is None
    prompt = dance.save(tmp_path / "prompt.bvh")
    other = transflower.Dancer(loaded).dance(song, seed=1, prompt=prompt, seconds=0.5)
    assert other.clip.num_frames == round(0.5 * other.clip.fps)
    assert np.abs(other.features["motion"] - dance.features["motion"][:10]).max() > 0.01


def test_a_line_says_what_they_are(loaded, dance):
    assert repr(dance) == f"Dance('song', {dance.clip.seconds:.1f} s at 20 frames/s)"
    assert repr(transflower.Dancer(loaded)) == f"Dancer('{loaded.folder}', draws motion)"
    assert dir(transflower) == ["Dance", "Dancer", "load"]


def test_what_a_file_cannot_hold_is_refused(dance, tmp_path):
    for path, options, message in (
        ("x.npy", {"bvh_preset": "unity"}, "features are those of the model's skeleton"),
        ("x.glb", {"bvh_preset": "unity"}, "only a .bvh has a BVH preset"),
        ("x.bvh", {"bvh_preset": "maya"}, "there is no BVH preset 'maya'"),
    ):
        with pytest.raises(OptionsError, match=message):
            dance.save(tmp_path / path, **options)


def test_a_song_that_is_not_there_is_refused(loaded, tmp_path):
    with pytest.raises(DataError, match="there is no such file"):
        transflower.Dancer(loaded).dance(tmp_path / "missing.wav")
