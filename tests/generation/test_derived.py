"""Models that draw which feet stand before the pose."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.generation.factories import motion_sidecar_of, windows
from tests.models.factories import AUDIO, tiny_config
from tests.nn.factories import disturbed
from transflower.core.errors import ModelError
from transflower.core.spans import StreamSpec
from transflower.features.contacts import decode_contacts, encode_contacts
from transflower.features.motion.codec import decode_motion, encode_motion
from transflower.features.motion.describe import describe_motion
from transflower.features.sidecar import ContactsSidecar, write_sidecar
from transflower.formats.bvh import write_bvh
from transflower.generation import Session, generate
from transflower.generation.danced import danced
from transflower.generation.derived import contacts_of, derive, locked_outputs
from transflower.generation.prompt import open_prompt
from transflower.models import InputConfig, LoadedModel, Model, ModelConfig, OutputConfig, load_model, save_model
from transflower.motion.anatomy import points
from transflower.motion.foot_lock import lock_feet
from transflower.synthetic.recording import make_recording

FEET = ContactsSidecar(fps=30.0, of="motion", ahead=2, feet=("LeftFoot", "RightFoot"))
MUSIC = np.random.default_rng(0).standard_normal((40, AUDIO)).astype(np.float32)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory) -> LoadedModel:
    """It draws classes of feet and the motion of a real body, and has learnt nothing."""
    torch.manual_seed(0)
    clip = make_recording(0, 0, seconds=8).clip
    sidecar = describe_motion(clip, "expmap")
    rows = encode_motion(clip, sidecar)
    plain = tiny_config("causal")
    config = ModelConfig(
        inputs={**plain.inputs, "feet": InputConfig(offset=-1, kind="categorical")},
        outputs={**plain.outputs, "feet": OutputConfig(kind="categorical")},
        encoder=plain.encoder,
        head=plain.head,
    )
    streams = {
        "motion": StreamSpec(dim=rows.shape[1], fps=30.0),
        "audio": StreamSpec(dim=AUDIO, fps=30.0),
        "feet": StreamSpec(dim=1, kind="categorical", num_classes=4, fps=30.0),
    }
    moments = {"motion": (rows.mean(0), rows.std(0)), "audio": (np.zeros(AUDIO), np.ones(AUDIO))}
    model = Model(config, streams, moments)
    arrays = {"motion": rows, "audio": np.tile(MUSIC, (6, 1)), "feet": encode_contacts(clip, FEET)}
    model.initialise(
        {
            side: {name: torch.from_numpy(windows(arrays[name], span)) for name, span in spans.items()}
            for side, spans in (("inputs", config.spans), ("targets", config.target_spans))
        }
    )
    sidecars = {"motion": sidecar.to_dict(), "audio": None, "feet": FEET.to_dict()}
    folder = tmp_path_factory.mktemp("model")
    save_model(folder, disturbed(model), sidecars=sidecars)
    return load_model(folder)


@pytest.fixture(scope="module")
def drawn(loaded) -> dict[str, np.ndarray]:
    return {name: rows[0] for name, rows in generate(loaded, {"audio": MUSIC}, num_frames=40).items()}


def test_the_foot_lock_is_told_which_feet_the_model_has_drawn(loaded, drawn):
    assert contacts_of(loaded) == {"motion": ("feet", FEET)}
    clip = decode_motion(drawn["motion"].astype(float), motion_sidecar_of(loaded.sidecars))
    locked = locked_outputs(loaded, drawn, None)["motion"]
    told = lock_feet(clip, decode_contacts(drawn["feet"], clip.skeleton, FEET))
    np.testing.assert_array_equal(locked.rotations, told.rotations)
    assert len(np.unique(drawn["feet"])) > 1
    assert np.abs(told.translations[0] - lock_feet(clip).translations[0]).max() > 0.001


@pytest.mark.parametrize("sizes", [[], [1] * 39, [7, 0, 20]], ids=str)
def test_a_session_locks_them_as_files_do(loaded, drawn, sizes):
    session, restored, clips = Session(loaded), Session(loaded), []
    for piece in np.split(MUSIC, np.cumsum(sizes)):
        session.push("audio", piece)
        clips.append(session.pull_clips())
        restored.load_state_dict(session.state_dict())
        session, restored = restored, session
    session.end()
    clips.append(session.pull_clips())
    found = [piece["motion"][0] for piece in clips if piece]
    whole = locked_outputs(loaded, drawn, None)["motion"]
    np.testing.assert_allclose(np.concatenate([clip.rotations for clip in found]), whole.rotations, atol=1e-4)
    track = np.concatenate([clip.translations[0] for clip in found])
    np.testing.assert_allclose(track, whole.translations[0], atol=1e-4)


def test_feet_are_read_off_motion_where_only_that_is_given(loaded, drawn, tmp_path):
    sidecar = motion_sidecar_of(loaded.sidecars)
    rows = drawn["motion"]
    expected = encode_contacts(decode_motion(rows.astype(float), sidecar), FEET)
    found = danced(loaded, rows, {"audio": MUSIC}, song_frames=40)
    np.testing.assert_array_equal(found.outputs["feet"], expected)
    with pytest.raises(ModelError, match="does not say which motion 'motion' is"):
        derive(rows, FEET, None)
    np.save(tmp_path / "one.motion.npy", rows)
    prompt = open_prompt(loaded, "one", data=tmp_path, until=0.5)
    np.testing.assert_array_equal(prompt["motion"], rows[:15])
    # By what is in the prompt, and nothing that comes after it.
    np.testing.assert_array_equal(prompt["feet"], derive(rows[:15], FEET, sidecar))


def test_a_folder_that_tells_of_feet_as_the_model_does_is_believed(loaded, drawn, tmp_path):
    np.save(tmp_path / "one.motion.npy", drawn["motion"])
    told = np.full((40, 1), 3)
    np.save(tmp_path / "one.feet.npy", told)
    write_sidecar(tmp_path / "feet.json", replace(FEET, ahead=3))
    assert open_prompt(loaded, "one", data=tmp_path)["feet"].min() < 3
    write_sidecar(tmp_path / "feet.json", FEET)
    np.testing.assert_array_equal(open_prompt(loaded, "one", data=tmp_path)["feet"], told)
    (tmp_path / "one.feet.npy").unlink()
    assert open_prompt(loaded, "one", data=tmp_path)["feet"].min() < 3


def test_a_prompt_of_another_skeleton_is_put_on_that_of_the_model(loaded, tmp_path):
    clip = make_recording(1, 0, seconds=8).clip[:60]
    names = tuple(f"mixamorig:{name}" for name in clip.skeleton.names)
    write_bvh(tmp_path / "a.bvh", replace(clip, skeleton=replace(clip.skeleton, names=names)))
    sidecar, prompt = motion_sidecar_of(loaded.sidecars), open_prompt(loaded, str(tmp_path / "a.bvh"))
    there = points(decode_motion(prompt["motion"].astype(float), sidecar))
    np.testing.assert_allclose(there[..., 1], points(clip)[..., 1], atol=0.02)
    np.testing.assert_array_equal(prompt["feet"], derive(prompt["motion"], FEET, sidecar))


def test_feet_of_a_prompt_are_what_the_first_frames_follow(loaded, drawn):
    """They reach the model: with other feet before, it draws other frames."""
    prompts = [{"motion": drawn["motion"], "feet": np.full((40, 1), one)} for one in (0, 3)]
    first, second = (generate(loaded, {"audio": MUSIC}, num_frames=5, prompt=prompt) for prompt in prompts)
    assert np.abs(first["motion"] - second["motion"]).max() > 1e-4
