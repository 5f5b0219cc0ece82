import re
from pathlib import Path

import pytest

from transflower.core.errors import DataError, FormatError
from transflower.core.table_faults import TableFaults
from transflower.data.recordings import RecordingRow, read_recordings, write_recordings
from transflower.features.extraction.pairs import Pair, read_pairs


@pytest.fixture
def table(tmp_path):
    """A place for a table beside motion and songs."""
    for name in ("a.bvh", "b.bvh", "song.wav"):
        (tmp_path / name).touch()
    return tmp_path / "recordings.csv"


def test_a_table_written_is_read_again(table):
    rows = [
        RecordingRow(
            id="one", motion=table.parent / "a.bvh", song=table.parent / "song.wav", offset=-1.5, tempo=120.0,
            style="salsa", dancer="d1", text='turns, "twice"', split="train", fps=60.0,
            partner="two", start=0.5, stop=2.0,
        ),
        RecordingRow(id="two", motion=table.parent / "b.bvh", partner="one"),
    ]  # fmt: skip
    write_recordings(table, rows)
    assert read_recordings(table) == rows
    assert table.read_text().splitlines()[1].startswith("one,a.bvh,song.wav,-1.5,120,salsa,d1,")


def test_only_columns_that_are_used_are_written_and_files_elsewhere_keep_their_whole_path(table):
    write_recordings(table, [RecordingRow(id="x", motion=Path("/far/x.bvh"), style="waltz")])
    assert table.read_text() == "id,motion,style\nx,/far/x.bvh,waltz\n"
    assert read_recordings(table, check_files=False)[0].motion == Path("/far/x.bvh")


def test_a_table_that_stays_the_same_keeps_its_time(table):
    rows = [RecordingRow(id="x", motion=table.parent / "a.bvh")]
    write_recordings(table, rows)
    before = table.stat().st_mtime_ns
    write_recordings(table, rows)
    assert table.stat().st_mtime_ns == before


def test_names_with_odd_spaces_are_read_as_they_were_written(table):
    odd = table.parent / "take  1\u2028\x85.bvh"
    odd.touch()
    rows = [
        RecordingRow(id="take  1", motion=odd, style="slow  waltz ", text="turns\ntwice", partner="take  2"),
        RecordingRow(id="take  2", motion=odd, split="my  split"),
    ]
    write_recordings(table, rows)
    first, second = read_recordings(table)
    assert (first.id, first.motion, first.partner, second.id) == ("take  1", odd, "take  2", "take  2")
    assert (first.style, first.text, second.split) == ("slow waltz", "turns twice", "my  split")


def test_cells_between_quotes_may_hold_line_breaks(table):
    table.write_text('id,motion,text\na,a.bvh,"turns\ntwice"\nb,b.bvh,\nb,b.bvh,\n')
    with pytest.raises(DataError, match="line 5: id 'b' is there already, in line 4"):
        read_recordings(table)
    table.write_text('id,motion,text\na,a.bvh,"turns\n\ntwice"\n')
    assert read_recordings(table)[0].text == "turns\n\ntwice"


@pytest.mark.parametrize("name", ("a\nb.bvh", "a\rb.bvh", " a.bvh"))
def test_paths_that_a_table_cannot_hold_are_refused(table, name):
    with pytest.raises(DataError, match="begins or ends with a space, or holds a line break; rename it") as fault:
        write_recordings(table, [RecordingRow(id="x", motion=table.parent / name)])
    assert "\n" not in str(fault.value)
    assert not table.exists()


def test_two_recordings_of_one_id_are_not_written(table):
    with pytest.raises(DataError, match="two recordings have the id 'x'"):
        write_recordings(table, [RecordingRow(id="x", motion=table)] * 2)


def test_a_table_of_recordings_is_a_table_of_pairs(table):
    table.write_text("id,motion,song,offset,style\none,a.bvh,song.wav,2,x\ntwo,b.bvh,,,\n")
    assert list(read_pairs(table, TableFaults(table))) == [Pair(2, "one", "song.wav", 2.0)]


@pytest.mark.parametrize(
    ("lines", "told"),
    (
        ("id,motion\na,a.bvh\na,b.bvh", "line 3: id 'a' is there already, in line 2"),
        ("id,motion\na/b,a.bvh", "line 2: id 'a/b' cannot be part of a file name"),
        ("id,motion\n,a.bvh", "line 2: names no id"),
        ("id,motion\na,", "line 2: names no motion"),
        ("id,motion\na,missing.bvh", "line 2: motion .*missing.bvh: cannot be read"),
        ("id,motion,song\na,a.bvh,gone.wav", "line 2: song .*gone.wav: cannot be read"),
        ("id,motion\na,.", "line 2: motion .*it is a folder"),
        ("id,motion,offset\na,a.bvh,soon", "line 2: offset 'soon' is not a number"),
        ("id,motion,offset\na,a.bvh,1e6", "line 2: offset 1e.06 is more than a day"),
        ("id,motion,tempo\na,a.bvh,-3", "line 2: tempo is -3; it must be above 0"),
        ("id,motion,fps\na,a.bvh,0", "line 2: fps is 0; it must be above 0"),
        ("id,motion,fps\na,a.bvh,nan", "line 2: fps 'nan' is not a finite number"),
        ("id,motion,start,stop\na,a.bvh,3,2", "line 2: stop is 2, which is not after start, 3"),
        ("id,motion,start\na,a.bvh,-1", "line 2: start is -1; it must be 0 or above"),
        ("id,motion,split\na,a.bvh,../x", "line 2: split '../x' cannot be part of a file name"),
        ("id,motion,partner\na,a.bvh,b", "line 2: partner 'b' is no id of the table"),
        ("id,motion,partner\na,a.bvh,a", "line 2: 'a' is its own partner"),
        ("id,motion\na,a.bvh,3", "line 2: has 3 cells, the header has 2"),
        ("id,motion,stile\na,a.bvh,x", "line 1: .* there is no column 'stile' .did you mean 'style'?"),
        ("id,song\na,song.wav", "line 1: .* 'motion' is missing"),
        ("id,id,motion\na,a,a.bvh", "line 1: .* 'id' is there twice"),
        ("id,motion\n", "names no recording"),
        ("", "line 1: .* 'id' is missing"),
    ),
)
def test_what_is_wrong_with_a_table_is_one_sentence(table, lines, told):
    table.write_text(lines + "\n")
    with pytest.raises((DataError, FormatError), match=told) as fault:
        read_recordings(table)
    assert "\n" not in str(fault.value)


def test_all_lines_with_faults_are_told_in_order(table):
    table.write_text("id,motion,fps,partner\na,a.bvh,1,z\nb,none.bvh,,\nc,a.bvh,x,\n")
    with pytest.raises(DataError) as fault:
        read_recordings(table)
    assert re.findall(r"line (\d)", str(fault.value)) == ["2", "3", "4"]


def test_all_faults_of_a_line_are_told_and_those_of_ten_lines(table):
    lines = [f"x{number},gone.bvh,fast,soon,,zz" for number in range(13)]
    table.write_text("\n".join(["id,motion,tempo,offset,style,partner", *lines]) + "\n")
    with pytest.raises(DataError) as fault:
        read_recordings(table)
    told = str(fault.value)
    for part in ("motion ", "tempo 'fast'", "offset 'soon'", "partner 'zz'"):
        assert len(re.findall(rf"line 2: {part}", told)) == 1
    assert "line 11: tempo" in told
    assert "line 12" not in told
    assert told.endswith("and 3 more lines with faults")
