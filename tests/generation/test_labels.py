"""Labels that a user gives to a model."""

from dataclasses import replace

import numpy as np
import pytest

from tests.generation.factories import copy_model, save_song
from transflower.core.errors import DataError, ModelError, OptionsError
from transflower.core.files import write_json
from transflower.features.sidecar import LabelsSidecar
from transflower.generation import Session, open_song
from transflower.generation.generate import generate
from transflower.models import InputConfig, LoadedModel, OutputConfig

STYLES = LabelsSidecar(names=("style",), fps=20.0, vocabulary=("groove", "salsa", "Waltz"))


@pytest.fixture
def make_loaded(tmp_path):
    """A model whose motion is the class of the style."""

    def make(window=None, sidecar=STYLES, **more):
        inputs = {"style": window or InputConfig(kind="categorical", drop_window=0.1)}
        model = copy_model(inputs, {"motion": OutputConfig()}, rows={"style": 0}, num_classes=3)
        return LoadedModel(model=model, sidecars={"style": sidecar.to_dict(), **more}, folder=tmp_path)

    return make


def rows_of(loaded, *, seconds=1.0, **options):
    write_json(loaded.folder / "config.yaml", {})
    return open_song(loaded, "x", data=loaded.folder, seconds=seconds, **options).inputs["style"]


def test_a_style_holds_for_the_whole_song_or_changes(make_loaded):
    loaded = make_loaded()
    assert rows_of(loaded, labels={"style": "SALSA"}).tolist() == [[1]] * 20
    changing = rows_of(loaded, labels={"style": "0:groove,0.5:waltz"})
    assert changing[:, 0].tolist() == [0] * 10 + [2] * 10
    drawn = generate(loaded, {"style": changing}, num_frames=20)["motion"]
    assert drawn[0, :, 0].tolist() == [0] * 10 + [2] * 10


def test_without_a_style_a_model_that_can_do_without_is_told_none(make_loaded):
    loaded = make_loaded()
    write_json(loaded.folder / "config.yaml", {})
    assert "style" not in open_song(loaded, "x", data=loaded.folder, seconds=1.0).inputs
    assert (generate(loaded, {}, num_frames=3)["motion"] == -1).all()
    with pytest.raises(ModelError, match="one of groove, salsa, Waltz; give it by --style"):
        rows_of(make_loaded(InputConfig(kind="categorical")))


def test_a_model_may_have_a_style_for_those_who_give_none(make_loaded):
    loaded = make_loaded(sidecar=replace(STYLES, default="salsa"))
    assert rows_of(loaded).tolist() == [[1]] * 20
    assert rows_of(loaded, labels={"style": "groove"}).tolist() == [[0]] * 20
    model = copy_model(
        {"style": InputConfig(kind="categorical", drop_window=0.1), "audio": InputConfig()},
        {"motion": OutputConfig()},
        rows={"style": 0},
        num_classes=3,
    )
    session = Session(replace(loaded, model=model))
    session.push("audio", np.zeros((4, 1), np.float32))
    assert (session.pull(4)["motion"] == 1).all()
    with pytest.raises(DataError, match="default is 'tango', which is not in the vocabulary"):
        replace(STYLES, default="tango")


def test_labels_of_a_stored_sequence_are_read(make_loaded):
    loaded = make_loaded()
    np.save(loaded.folder / "x.style.npy", np.full((20, 1), 2))
    write_json(loaded.folder / "style.json", STYLES.to_dict())
    assert (rows_of(loaded) == 2).all()
    assert (rows_of(loaded, labels={"style": "salsa"}) == 1).all()


def test_one_row_numbers_and_words(make_loaded):
    once = LabelsSidecar(names=("style",), vocabulary=("groove", "salsa"))
    tile = make_loaded(InputConfig(kind="categorical", mode="tile"), once)
    assert rows_of(tile, labels={"style": "salsa"}).tolist() == [[1]]
    with pytest.raises(DataError, match="labels that stay the same"):
        rows_of(tile, labels={"style": "0:salsa,1:groove"})
    numbers = make_loaded(InputConfig(), LabelsSidecar(names=("style",), fps=20.0))
    assert rows_of(numbers, labels={"style": "0:0.25,0.5:1"})[:, 0].tolist() == [0.25] * 10 + [1] * 10
    words = LabelsSidecar(names=("style",), vocabulary=("", "slow", "turn"))
    single = make_loaded(InputConfig(kind="categorical", mode="single", length=3), words)
    assert rows_of(single, labels={"style": "a slow, slow turn"})[:, 0].tolist() == [1, 1, 2]


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ({"style": "salza"}, DataError, "style: there is no 'salza' .did you mean 'salsa'"),
        ({"style": "xyz"}, DataError, "there are groove, salsa, Waltz"),
        ({"style": ""}, DataError, "no label is given"),
        ({"style": "1:salsa,2:groove"}, DataError, "must begin at second 0"),
        ({"dancer": "anna"}, OptionsError, "given no dancer .its labels are style"),
    ],
)
def test_labels_that_mean_nothing_are_refused(make_loaded, labels, error, message):
    with pytest.raises(error, match=message):
        rows_of(make_loaded(), labels=labels)


def test_a_model_without_labels_is_given_none(loaded, tmp_path):
    with pytest.raises(OptionsError, match="it has learnt no labels"):
        open_song(loaded, str(save_song(tmp_path / "song.wav", 1.0)), labels={"style": "salsa"})


def test_a_session_changes_its_style_while_it_runs(make_loaded):
    inputs = {"style": InputConfig(kind="categorical", drop_window=0.1), "audio": InputConfig()}
    model = copy_model(inputs, {"motion": OutputConfig()}, rows={"style": 0}, num_classes=3)
    loaded = LoadedModel(model=model, sidecars={"style": STYLES.to_dict(), "audio": None}, folder=make_loaded().folder)
    session = Session(loaded, labels={"style": "salsa"})
    sound = np.zeros((4, 1), np.float32)
    session.push("audio", sound)
    session.set_label("style", "waltz")
    session.push("audio", sound[:2])
    state = session.state_dict()
    assert session.pull()["motion"][0, :, 0].tolist() == [1, 1, 1, 1, 2, 2]
    again = Session(loaded)
    again.load_state_dict(state)
    again.push("audio", sound[:1])
    assert again.pull()["motion"][0, :, 0].tolist() == [1, 1, 1, 1, 2, 2, 2]
    untold = Session(loaded)
    untold.push("audio", sound)
    assert (untold.pull()["motion"] == -1).all()
    with pytest.raises(DataError, match="there is no 'xyz'"):
        session.set_label("style", "xyz")
    with pytest.raises(OptionsError, match="holds until the next one"):
        session.set_label("style", "0:salsa,1:groove")
