import json

import pytest
import torch

from tests.models.factories import make_batch, tiny_config, tiny_model
from transflower.core.errors import FormatError, ModelError, TransflowerError
from transflower.core.options import load_yaml, write_yaml
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


def changed_stream(**changes):
    def change(features):
        features["streams"]["audio"] |= changes

    return change


def changed_sidecar(**changes):
    def change(features):
        features["sidecars"]["audio"] = changes

    return change


@pytest.mark.parametrize(
    "change",
    [
        *(changed_stream(dim=dim) for dim in (0, -1, 10**9, 10**30, 2.5, "3", True, None)),
        *(changed_stream(num_classes=number) for number in (-1, 10**9)),
        *(changed_stream(fps=fps) for fps in (0, -20, "20", True)),
        changed_stream(kind="song"),
        changed_stream(nose=1),
        *(changed_sidecar(silence=row) for row in ([0.0] * 1007, ["quiet"], {"a": 0}, 0.0, [1e300] * 3)),
        *(changed_sidecar(names=names) for names in ([], ["a"] * 1007)),
        lambda features: features["streams"].pop("audio"),
        lambda features: features.update(streams=[]),
        lambda features: features.update(sidecars={"audio": 3}),
        lambda features: features.update(sidecars=None),
    ],
)
def test_shapes_that_are_none_or_of_another_model_are_refused_before_anything_is_made_for_them(saved, change):
    features = json.loads((saved / "features.json").read_text())
    change(features)
    damage(saved, "features.json", json.dumps(features))
    with pytest.raises(FormatError, match=r"features\.json"):
        load_model(saved)


@pytest.mark.parametrize("width", [10**5, 10**9])
def test_options_of_a_far_larger_model_are_refused_before_it_is_built(saved, width):
    tree = load_yaml(saved / "config.yaml")
    tree["model"]["encoder"]["input"]["width"] = width
    write_yaml(saved / "config.yaml", tree)
    with pytest.raises(TransflowerError, match=r"(config|model|width)"):
        load_model(saved)


def header_of(path):
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def write_header(path, header, data):
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def lying_shape(header):
    next(entry for name, entry in header.items() if name != "__metadata__")["shape"] = [10**12]


def lying_offsets(header):
    next(entry for name, entry in header.items() if name != "__metadata__")["data_offsets"] = [0, 10**12]


def other_dtype(header):
    next(entry for entry in header.values() if entry.get("dtype") == "F32")["dtype"] = "I32"
    header.pop("__metadata__")


def unreadable_digests(header):
    header["__metadata__"]["sha256"] = "[]"


def fewer_tensors(header):
    header.pop(next(name for name in header if name != "__metadata__"))


@pytest.mark.parametrize("lie", [lying_shape, lying_offsets, other_dtype, unreadable_digests, fewer_tensors])
def test_a_file_of_weights_whose_header_lies_is_refused(saved, lie):
    header, data = header_of(saved / "model.safetensors")
    lie(header)
    write_header(saved / "model.safetensors", header, data)
    with pytest.raises(FormatError, match=r"model\.safetensors"):
        load_model(saved)


def test_a_model_without_digests_is_read(saved):
    header, data = header_of(saved / "model.safetensors")
    header.pop("__metadata__")
    write_header(saved / "model.safetensors", header, data)
    load_model(saved)


@pytest.mark.parametrize("name", ["config.yaml", "features.json"])
def test_options_and_shapes_that_were_changed_are_said_to_be(saved, name, caplog):
    load_model(saved)
    assert not caplog.text
    path = saved / name
    text = path.read_text().replace("target_noise: 0.01", "target_noise: 0.02").replace('"fps": 30', '"fps": 25')
    path.write_text(text)
    load_model(saved)
    assert f"{path} is not as it was saved with the model" in caplog.text


def test_the_same_model_is_the_same_file(saved, tmp_path):
    save_model(tmp_path / "again", tiny_model(), sidecars=SIDECARS, config={"training": {"seed": 4}})
    assert (tmp_path / "again" / "model.safetensors").read_bytes() == (saved / "model.safetensors").read_bytes()
