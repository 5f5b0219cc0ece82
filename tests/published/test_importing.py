"""Published checkpoints become models of ours, and nothing that they hold is run."""

import math
import os
import zipfile

import numpy as np
import pytest
import torch

from tests.golden.golden import relative_error
from tests.published.factories import golden, write_checkpoint
from transflower.core.errors import FormatError, ModelError, TransflowerError
from transflower.nn.noise import NoiseSource
from transflower.published import import_model, read_checkpoint, read_scaler

whole = pytest.mark.parametrize("name", ["transflower_whole", "transflower_whole_relpos"])


def options(settings, kind="transflower", **changes):
    return {**settings, "model": kind, "learning_rate": 7e-5, **changes}


def batch_of(arrays):
    return {"inputs": {"m": arrays["in_m"], "a": arrays["in_a"]}, "targets": {"m": arrays["out_m"]}}


@pytest.mark.parametrize("keeps_options_in", ["dict", "AttributeDict", "Namespace"])
@whole
def test_a_transflower_gives_the_published_numbers(name, keeps_options_in, tmp_path):
    _, settings, state, arrays = golden(name)
    path = write_checkpoint(tmp_path / "a.ckpt", options(settings), state, keeps_options_in=keeps_options_in)
    model = import_model(path, {}, fps=20.0)
    bits = -model.log_prob(batch_of(arrays))["m"].mean() / (math.log(2) * 3)
    assert relative_error(bits, arrays["nll_bits_per_frame"]) < 1e-4
    assert {stream.fps for stream in model.streams.values()} == {20.0}


def test_a_transformer_predicts_what_its_last_layer_says(tmp_path):
    _, settings, state, arrays = golden("transflower_whole")
    flower = import_model(write_checkpoint(tmp_path / "a.ckpt", options(settings), state), {}, fps=20.0)
    state = {key: value for key, value in state.items() if "glow" not in key}
    for part in ("weight", "bias"):
        state[f"net_output_m.decoder.{part}"] = state[f"net_output_m.decoder.{part}"][:7]
    path = write_checkpoint(tmp_path / "b.ckpt", options(settings, "transformer"), state)
    model = import_model(path, {}, fps=20.0)
    inputs = batch_of(arrays)["inputs"]
    drawn, _ = model.head("m").sample(model.encoder(inputs)["m"], None, noise=NoiseSource(0, 5))
    assert relative_error(drawn, flower.encoder(inputs)["m"][..., :7]) < 1e-5


def moglow_checkpoint(path, **changes):
    _, settings, state, _ = golden("moglow_lstm_studentT")
    windows = {
        "input_modalities": "a", "output_modalities": "m", "dins": "6", "douts": "7", "input_lengths": "9",
        "input_seq_lens": "1", "output_lengths": "9", "input_time_offsets": "0", "output_time_offsets": "0",
    }  # fmt: skip
    state = {f"net_glow.{key}": value for key, value in state.items()}
    return write_checkpoint(path, options(settings, "moglow", **windows | changes), state)


def test_a_moglow_gives_the_published_numbers(tmp_path):
    arrays = golden("moglow_lstm_studentT").arrays
    model = import_model(moglow_checkpoint(tmp_path / "a.ckpt"), {}, fps=20.0)
    batch = {"inputs": {"a": arrays["cond"].transpose(1, 2)}, "targets": {"m": arrays["x"].transpose(1, 2)}}
    bits = -model.log_prob(batch)["m"].mean(1) / math.log(2)
    assert relative_error(bits, arrays["nll_bits_per_frame"]) < 1e-4


def test_scalers_move_into_the_model(tmp_path):
    _, settings, state, arrays = golden("transflower_whole")
    path = write_checkpoint(tmp_path / "a.ckpt", options(settings), state)
    mean, std = np.linspace(-1, 1, 7), np.linspace(0.0, 3, 7)  # the first column did not vary
    np.savez(tmp_path / "m.npz", mean=mean, std=std)
    np.save(tmp_path / "a.npy", np.stack([np.full(5, 2.0), np.full(5, 0.5)]))
    scaled = import_model(path, {}, fps=20.0).log_prob(batch_of(arrays))["m"]
    model = import_model(path, {"m": tmp_path / "m.npz", "a": tmp_path / "a.npy"}, fps=20.0)
    mean, std = torch.tensor(mean).float(), torch.tensor(np.where(std == 0, 1, std)).float()
    raw = {"in_m": arrays["in_m"] * std + mean, "out_m": arrays["out_m"] * std + mean, "in_a": arrays["in_a"] / 2 + 2}
    assert relative_error(model.log_prob(batch_of(raw))["m"], scaled) < 1e-4


def test_nothing_that_a_file_asks_for_is_run(tmp_path):
    class Attack:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "attacked"),)

    _, settings, state, _ = golden("transflower_whole")
    path = write_checkpoint(tmp_path / "a.ckpt", options(settings), state, loops=Attack())
    with pytest.raises(FormatError, match=r"more than tensors and options.*mkdir"):
        import_model(path, {}, fps=20.0)
    assert not (tmp_path / "attacked").exists()


@pytest.mark.parametrize("contents", [b"", b"no checkpoint at all", b"RIFF\xc0\xc4", b"PK\x03\x04", b"\x80\x02}."])
def test_a_file_that_is_no_checkpoint_is_refused(contents, tmp_path):
    (tmp_path / "a.ckpt").write_bytes(contents)
    with pytest.raises(FormatError, match=r"a\.ckpt: (is not a checkpoint|holds)"):
        import_model(tmp_path / "a.ckpt", {}, fps=20.0)


@pytest.mark.parametrize("part", ["state_dict", "hyper_parameters"])
def test_a_checkpoint_that_lacks_a_part_is_refused(part, tmp_path):
    path = write_checkpoint(tmp_path / "a.ckpt", {}, {}, **{part: None})
    with pytest.raises(FormatError, match=f"holds no {part}"):
        import_model(path, {}, fps=20.0)


def test_another_kind_of_model_is_refused_with_those_that_can_be_read(tmp_path):
    path = write_checkpoint(tmp_path / "a.ckpt", {"model": "mowgli"}, {})
    with pytest.raises(ModelError, match="'mowgli' cannot be read; moglow, transflower, transformer can"):
        import_model(path, {}, fps=20.0)


def test_weights_without_a_place_are_listed(tmp_path):
    _, settings, state, _ = golden("transflower_whole")
    left = {"net_residual.weight": torch.zeros(2), "net_residual.bias": torch.zeros(2)}
    path = write_checkpoint(tmp_path / "a.ckpt", options(settings), state | left)
    with pytest.raises(ModelError, match=r"2 of .* net_residual\.bias, net_residual\.weight"):
        import_model(path, {}, fps=20.0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"use_projection": True}, "use_projection"),
        ({"dins": "6,7"}, "a size, a length and an offset"),
        ({"dins": "six,7"}, "dins must list whole numbers, got 'six,7'"),
        ({"glow_K": "many"}, "glow_K must be a number, got 'many'"),
        ({"glow_K": math.inf}, "glow_K must be a number, got inf"),
    ],
)
def test_options_that_cannot_be_read_are_refused(changes, message, tmp_path):
    with pytest.raises(ModelError, match=message):
        import_model(moglow_checkpoint(tmp_path / "a.ckpt", **changes), {}, fps=20.0)


@pytest.mark.parametrize(("name", "columns"), [("m", 6), ("b", 7)])
def test_scalers_of_something_else_are_refused(name, columns, tmp_path):
    np.save(tmp_path / "s.npy", np.ones((2, columns)))
    with pytest.raises(ModelError, match=f"scaler of '{name}'"):
        import_model(moglow_checkpoint(tmp_path / "a.ckpt"), {name: tmp_path / "s.npy"}, fps=20.0)


@pytest.mark.parametrize("rows", [np.ones((3, 4)), np.ones(2), -np.ones((2, 4)), np.full((2, 4), np.nan)])
def test_an_array_that_is_no_scaler_is_refused(rows, tmp_path):
    np.save(tmp_path / "s.npy", rows)
    with pytest.raises(FormatError, match="is no scaler"):
        read_scaler(tmp_path / "s.npy")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("dhid", value) for value in (10**9, "9" * 5000)),
        ("input_lengths", "1000000000,1"),
        ("scales", "[[1000000,0]]"),
        ("scales", "[[" * 500),
        ("nhead", 0),
        ("douts", "-1"),
    ],
)
def test_settings_of_a_far_larger_model_or_of_none_are_refused_before_it_is_built(tmp_path, name, value):
    _, settings, state, _ = golden("transflower_whole")
    path = write_checkpoint(tmp_path / "a.ckpt", {**options(settings), name: value}, state)
    with pytest.raises(TransflowerError):
        import_model(path, {}, fps=20.0)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.zeros(1).expand(10**6, 10**6),
        torch.zeros(10**6, 10**6, device="meta"),
    ],
    ids=["repeated", "without numbers"],
)
def test_tensors_that_are_larger_than_their_file_are_refused(tmp_path, tensor):
    path = write_checkpoint(tmp_path / "a.ckpt", {"model": "transflower"}, {"weight": tensor})
    with pytest.raises(FormatError, match="'weight' of its state_dict is no plain tensor"):
        read_checkpoint(path)


def test_a_packed_checkpoint_is_not_opened(tmp_path):
    path, bomb = write_checkpoint(tmp_path / "a.ckpt", {}, {"weight": torch.zeros(9)}), tmp_path / "bomb.ckpt"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in whole.namelist():
            packed.writestr(name, bytes(10**7) if name.endswith("data/0") else whole.read(name))
    with pytest.raises(FormatError, match=r"bomb\.ckpt: is packed in a way that torch never uses"):
        read_checkpoint(bomb)


def test_a_scaler_that_unpacks_to_more_than_any_is_refused(tmp_path):
    np.savez_compressed(tmp_path / "s.npz", mean=np.zeros(2**22), std=np.ones(2**22))
    assert (tmp_path / "s.npz").stat().st_size < 2**20
    with pytest.raises(FormatError, match="is no scaler"):
        read_scaler(tmp_path / "s.npz")


def test_a_damaged_scaler_is_refused_and_closed(tmp_path):
    np.savez(tmp_path / "s.npz", mean=np.zeros(3), std=np.ones(3))
    content = (tmp_path / "s.npz").read_bytes()
    for size in range(0, len(content), 40):
        (tmp_path / "s.npz").write_bytes(content[:size])
        with pytest.raises(FormatError, match=r"s\.npz: is no scaler"):
            read_scaler(tmp_path / "s.npz")
