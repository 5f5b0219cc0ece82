"""Labels from a table."""

import numpy as np
import pytest

from transflower.core.errors import DataError, FormatError
from transflower.core.files import write_json
from transflower.data.labels_extraction import extract_labels
from transflower.data.verb_options import LabelsExtraction
from transflower.features.sidecar import LabelsSidecar, read_sidecar


@pytest.fixture
def folder(tmp_path):
    for name, frames in (("a", 90), ("b", 60), ("b_mirrored", 60)):
        np.save(tmp_path / f"{name}.motion.npy", np.zeros((frames, 2), np.float32))
    write_json(tmp_path / "motion.json", {"fps": 30})
    return tmp_path


def extract(folder, table, **options):
    (folder / "recordings.csv").write_text(table)
    return extract_labels(LabelsExtraction(folder=folder, **options))


def load(folder, name):
    return np.load(folder / f"{name}.npy")


def test_classes_are_written_for_every_frame_and_may_change(folder):
    report = extract(folder, 'id,motion,style\na,a.bvh,"0:Salsa,2:groove"\nb,b.bvh,salsa\n')
    assert str(report).endswith("style: groove, salsa in 3 sequences")
    sidecar = read_sidecar(folder / "style.json")
    assert sidecar == LabelsSidecar(names=("style",), fps=30.0, vocabulary=("groove", "salsa"))
    assert load(folder, "a.style")[:, 0].tolist() == [1] * 60 + [0] * 30
    assert load(folder, "b.style").tolist() == load(folder, "b_mirrored.style").tolist() == [[1]] * 60


def test_numbers_words_and_single_rows_are_written(folder):
    table = "id\tenergy\ttext\na\t0.5\tA slow turn, a jump\nb\t1\tTurn\n"
    report = extract(folder, table, once=True, words=3)
    assert "energy: numbers in 3 sequences" in str(report)
    assert load(folder, "a.energy").tolist() == [[0.5]]
    assert read_sidecar(folder / "text.json").vocabulary == ("", "a", "jump", "slow", "turn")
    assert load(folder, "a.text")[:, 0].tolist() == [1, 3, 4]
    assert load(folder, "b.text")[:, 0].tolist() == [4, 0, 0]


def test_sequences_without_a_label_are_counted(folder):
    report = extract(folder, "id,style,dancer\na,salsa,anna\nb,salsa,\n")
    assert "2 sequences without dancer" in str(report)
    assert not (folder / "b.dancer.npy").exists()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('id,style\na,"1:salsa,2:groove"\n', "line 2.*must begin at second 0"),
        ('id,style\na,"0:salsa,groove"\n', "must be a second and a label"),
        ('id,style\na,"0:salsa,0:groove"\n', "must grow"),
        ("id,style\na,x\na,y\n", "line 3.*'a' twice"),
        ("id,style\na,x\n,y\n", "line 3.*names no id"),
        ("id,style\nc,x\n", "no style of any of the 3 sequences"),
        ("id,style\na,\n", "no label in the columns"),
    ],
)
def test_faults_of_the_table_are_named(folder, table, message):
    with pytest.raises((DataError, FormatError), match=message):
        extract(folder, table)


def test_all_faults_of_a_line_are_told_at_once(folder):
    with pytest.raises(DataError) as error:
        extract(folder, 'id,style,energy\na,"1:x","0:y,z"\nb\n')
    parts = [line.partition("line ")[2] for line in str(error.value).splitlines()[1:]]
    for part, start in zip(parts, ("2: style: ", "2: energy: ", "3: has 1 cells"), strict=True):
        assert part.startswith(start)


def test_other_features_are_not_replaced(folder):
    with pytest.raises(DataError, match="describes something else"):
        extract(folder, "id,motion\na,x\nb,y\n", columns=("motion",))


def test_a_label_that_changes_has_no_single_row(folder):
    with pytest.raises(DataError, match="a has a style that changes"):
        extract(folder, 'id,style\na,"0:x,1:y"\n', once=True)


def test_names_are_classes_even_where_they_are_numbers(folder):
    extract(folder, "id,dancer\na,60\nb,61\n")
    assert read_sidecar(folder / "dancer.json").vocabulary == ("60", "61")
    assert load(folder, "b.dancer")[0, 0] == 1


def test_no_array_keeps_a_label_of_another_table(folder):
    extract(folder, "id,style\na,groove\nb,salsa\n")
    extract(folder, "id,style\na,waltz\n")
    assert not (folder / "b.style.npy").exists()
    assert load(folder, "a.style")[0, 0] == 0
