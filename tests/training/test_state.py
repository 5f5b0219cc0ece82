"""A resume file that is damaged, or that someone else wrote, is refused in one sentence."""

import random
import zipfile
from copy import deepcopy
from itertools import pairwise

import pytest
import torch

from tests.training.factories import experiment
from transflower.core.errors import FormatError
from transflower.models import load_model
from transflower.training import train
from transflower.training.state import read_state

REGIONS = 12
PER_REGION = 4
QUIET = {"rollouts": {"sequences": 0}, "max_steps": 2}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    from tests.training.factories import write_recordings

    folder = tmp_path_factory.mktemp("run")
    train(experiment(write_recordings(folder / "data"), **QUIET), folder / "run")
    return folder / "run"


def flips(size, seed):
    """Bits in all regions of a file, more of them at its ends, where formats keep what they say of themselves."""
    rng = random.Random(seed)
    starts = [size * number // REGIONS for number in range(REGIONS + 1)]
    places = [rng.randrange(a, b) for a, b in pairwise(starts) for _ in range(PER_REGION)]
    places += [rng.randrange(0, min(size, 400)) for _ in range(10)]
    places += [size - 1 - rng.randrange(0, min(size, 400)) for _ in range(10)]
    return [(place, rng.randrange(8)) for place in places]


def flip(content, place, bit):
    changed = bytearray(content)
    changed[place] ^= 1 << bit
    return bytes(changed)


def is_equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_a_flipped_bit_of_the_resume_file_is_refused_or_harmless(run, tmp_path):
    content, whole = (run / "resume.ckpt").read_bytes(), read_state(run / "resume.ckpt", advice="")
    path, refused = tmp_path / "resume.ckpt", 0
    for place, bit in flips(len(content), seed=0):
        path.write_bytes(flip(content, place, bit))
        try:
            found = read_state(path, advice="remove it")
        except FormatError:
            refused += 1
            continue
        assert is_equal(found.weights, whole.weights), place
        assert is_equal(found.kept, whole.kept), place
        assert (found.step, found.run) == (whole.step, whole.run)
        for number, values in whole.optimisers[0]["state"].items():
            assert is_equal(found.optimisers[0]["state"][number], values), place
    assert refused > REGIONS * PER_REGION / 2


def test_a_flipped_bit_of_a_model_is_refused_or_harmless(run, tmp_path):
    content, whole = (run / "best" / "model.safetensors").read_bytes(), load_model(run).model.state_dict()
    for file in (run / "best").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    refused = 0
    for place, bit in flips(len(content), seed=1):
        (tmp_path / "model.safetensors").write_bytes(flip(content, place, bit))
        try:
            found = load_model(tmp_path).model.state_dict()
        except FormatError:
            refused += 1
            continue
        assert is_equal(found, whole), place
    assert refused > REGIONS * PER_REGION / 2


def replaced(*keys, by):
    """The state with something else at a place; None takes it away."""

    def change(state):
        *above, last = keys
        for key in above:
            state = state[key]
        if by is None:
            del state[last]
        else:
            state[last] = by

    return change


RUN = ("callbacks", "run")
OPTIMISER = ("optimizer_states", 0)
PROGRESS = ("loops", "fit_loop", "epoch_loop.automatic_optimization.optim_progress")
CHANGES = {
    "no clock": replaced(*RUN, "clock", by=None),
    "a clock of words": replaced(*RUN, "clock", "seconds", by="late"),
    "a clock that is not finite": replaced(*RUN, "clock", "seconds", by=float("nan")),
    "no average": replaced(*RUN, "ema", by=None),
    "an average of fewer weights": replaced(*RUN, "ema", "weights", by={}),
    "no number of updates": replaced(*RUN, "ema", "num_updates", by=None),
    "no optimiser": replaced("optimizer_states", by=None),
    "an empty list of optimisers": replaced("optimizer_states", by=[]),
    "an optimiser that remembers nothing": replaced(*OPTIMISER, "state", by={}),
    "an optimiser that remembers words": replaced(*OPTIMISER, "state", 0, by={"step": "x"}),
    "an optimiser that remembers a number for a matrix": replaced(
        *OPTIMISER, "state", 2, "exp_avg_sq", by=torch.tensor(-1.0)
    ),
    "an optimiser that remembers a column more": replaced(*OPTIMISER, "state", 0, "exp_avg", by=torch.zeros(9, 9)),
    "an optimiser that remembers halves": replaced(*OPTIMISER, "state", 0, "step", by=torch.tensor(2).half()),
    "an optimiser of a weight that there is not": replaced(*OPTIMISER, "state", 999, by={}),
    "an optimiser with other options": replaced(*OPTIMISER, "param_groups", 0, "betas", by="x"),
    "an optimiser without betas": replaced(*OPTIMISER, "param_groups", 0, "betas", by=None),
    "an optimiser with one beta": replaced(*OPTIMISER, "param_groups", 0, "betas", by=(0.9,)),
    "an optimiser that decays by infinity": replaced(*OPTIMISER, "param_groups", 0, "weight_decay", by=float("inf")),
    "an optimiser that keeps maxima": replaced(*OPTIMISER, "param_groups", 0, "amsgrad", by=True),
    "no validation": replaced(*RUN, "validation", by=None),
    "scores of words": replaced(*RUN, "validation", "scores", by=["good"]),
    "no callbacks": replaced("callbacks", by=[]),
    "a step of words": replaced("global_step", by="two"),
    "another step": replaced("global_step", by=1),
    "loops that are a tensor": replaced("loops", "fit_loop", PROGRESS[-1], by=torch.zeros(2, 2)),
    "steps that are a tensor": replaced(*PROGRESS, "optimizer", "step", by=torch.zeros(2, 2)),
    "no loops": replaced("loops", by=None),
    "no epochs": replaced("loops", "fit_loop", "epoch_progress", by=5),
    "no place in the data": replaced("loops", "fit_loop", "state_dict", by={"combined_loader": "here"}),
    "recordings of numbers": replaced(*RUN, "recordings", by=[1]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_state_that_lacks_something_is_refused(run, tmp_path, change):
    state = deepcopy(torch.load(run / "resume.ckpt", weights_only=True))
    change(state)
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.yaml").write_bytes((run / "config.yaml").read_bytes())
    torch.save(state, folder / "resume.ckpt")
    with pytest.raises(FormatError, match=r"resume.ckpt: is not the state of (a|this) run.*remove .* to train anew"):
        train(experiment(run.parent / "data", **QUIET | {"max_steps": 3}), folder)


def test_an_archive_that_unpacks_to_more_than_itself_is_not_opened(run, tmp_path):
    bomb = tmp_path / "resume.ckpt"
    with zipfile.ZipFile(run / "resume.ckpt") as whole, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in whole.namelist():
            packed.writestr(name, bytes(10**7) if name.endswith("data/0") else whole.read(name))
    with pytest.raises(FormatError, match="cannot be read"):
        read_state(bomb, advice="remove it")
