import json

import pytest
import torch

from tests.models.factories import make_batch, tiny_config, tiny_model
from transflower.core.errors import FormatError, ModelError, TransflowerError
from transflower.models import load_model, save_model

SIDECARS = {"motion": {"kind": "motion", "fps": 30}, "audio": None}


@pytest.fixture
def saved(tmp_path):
    folder = tmp_path / "model"
    save_model(folder, tiny_model(), sidecars=SIDECARS, config={"training": {"seed": 3}})
    return folder


@pytest.mark.parametrize("kind", ("windowed", "causal"))
def test_a_saved_model_comes_back_equal(tmp_path, kind):
    model = tiny_model(tiny_config(kind))
    save_model(tmp_path, model, sidecars=SIDECARS)
    loaded = load_model(tmp_path)
    batch = make_batch(model.config, positions=2)
    assert loaded.model.config == model.config
    assert loaded.model.streams == model.streams
    assert loaded.sidecars == SIDECARS
    assert not loaded.model.training
    for name, value in model.state_dict().items():
        assert torch.equal(loaded.model.state_dict()[name], value), name
    expected = model.log_prob(batch, generator=torch.Generator().manual_seed(0))["motion"]
    found = loaded.model.log_prob(batch, generator=torch.Generator().manual_seed(0))["motion"]
    assert torch.equal(found, expected)


def test_a_compact_model_is_half_as_large_and_all_but_the_same(tmp_path):
    model = tiny_model(tiny_config("causal"))
    for name in ("full", "compact"):
        save_model(tmp_path / name, model, sidecars=SIDECARS, is_compact=name == "compact")
    matrices = {f"{name}.weight" for name, part in model.named_modules() if isinstance(part, torch.nn.Linear)}
    loaded = load_model(tmp_path / "compact").model
    for name, value in loaded.state_dict().items():
        expected = model.state_dict()[name]
        assert value.dtype == expected.dtype
        assert torch.equal(value, expected.bfloat16().to(expected) if name in matrices else expected), name
    sizes = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("full", "compact")]
    saving = 2 * sum(model.state_dict()[name].numel() for name in matrices)
    assert sizes[0] - sizes[1] == pytest.approx(saving, abs=200)


def test_a_run_gives_its_best_model_and_else_its_last(tmp_path):
    save_model(tmp_path / "last", tiny_model(), sidecars={})
    assert load_model(tmp_path).folder == tmp_path / "last"
    save_model(tmp_path / "best", tiny_model(), sidecars={})
    assert load_model(tmp_path).folder == tmp_path / "best"


def test_what_else_the_configuration_holds_is_kept_and_ignored(saved):
    assert "seed: 3" in (saved / "config.yaml").read_text()
    load_model(saved)


def damage(folder, name, text):
    (folder / name).write_text(text)


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("model.safetensors", "", "model.safetensors"),
        ("model.safetensors", "no tensors", "model.safetensors"),
        ("features.json", "{", "features.json"),
        ("features.json", "[]", "features.json"),
        ("features.json", '{"streams": {"motion": {"dim": "x"}}, "sidecars": {}}', "features.json"),
        ("config.yaml", "a: [", "config.yaml"),
        ("config.yaml", "", "config.yaml"),
        ("config.yaml", "model: {inputs: {}, outputs: {}}", "config.yaml"),
        ("config.yaml", "model: {hed: 1}", "config.yaml"),
    ],
)
def test_a_damaged_file_is_named(saved, name, text, place):
    (saved / name).write_text(text)
    with pytest.raises(TransflowerError, match=place) as caught:
        load_model(saved)
    assert "\n\n" not in str(caught.value)


def test_weights_of_another_model_are_refused(saved, tmp_path):
    other = tmp_path / "other"
    save_model(other, tiny_model(tiny_config("causal")), sidecars={})
    (saved / "model.safetensors").write_bytes((other / "model.safetensors").read_bytes())
    with pytest.raises(FormatError, match="other weights"):
        load_model(saved)


def test_features_of_another_model_are_refused(saved):
    features = json.loads((saved / "features.json").read_text())
    features["streams"]["audio"]["dim"] = 4
    damage(saved, "features.json", json.dumps(features))
    with pytest.raises(FormatError, match="other weights"):
        load_model(saved)


@pytest.mark.parametrize("missing", ("config.yaml", "features.json"))
def test_a_missing_file_is_named(saved, missing):
    (saved / missing).unlink()
    with pytest.raises(TransflowerError, match=missing):
        load_model(saved)


def test_a_folder_without_a_model_is_refused_in_one_line(tmp_path):
    with pytest.raises(ModelError, match="holds no model"):
        load_model(tmp_path)
    with pytest.raises(ModelError, match="no such folder"):
        load_model(tmp_path / "nowhere")
