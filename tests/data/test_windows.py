import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.factories import window
from transflower.core.errors import OptionsError
from transflower.data.windows import WindowLayout


def test_paper_settings_give_the_published_number_of_windows():
    layout = WindowLayout(
        inputs={"motion": window(-120, 120), "audio": window(-120, 140)},
        targets={"motion": window(0, 3)},
        padding=False,
    )
    assert layout.count(1200) == 1061
    assert layout.first_position == 120
    assert layout.min_frames == 140


def test_padding_makes_every_frame_a_target():
    layout = WindowLayout(
        inputs={"motion": window(-120, 120), "audio": window(-120, 140)}, targets={"motion": window(0, 1)}
    )
    assert layout.count(1200) == 1200
    assert layout.first_position == 0
    assert layout.min_frames == 1


def test_moglow_inputs_grow_by_the_positions():
    layout = WindowLayout(
        inputs={"motion": window(-60, 60), "audio": window(-60, 80)},
        targets={"motion": window(0, 1)},
        positions=60,
        padding=False,
    )
    assert layout.min_frames == 139


spans = st.tuples(st.integers(-6, 6), st.integers(1, 5))


@given(
    spans=st.lists(spans, max_size=2),
    target=spans,
    positions=st.integers(1, 4),
    padding=st.booleans(),
    frames=st.integers(0, 30),
)
def test_windows_are_those_whose_frames_exist(spans, target, positions, padding, frames):
    layout = WindowLayout(
        inputs={f"input{i}": window(*span) for i, span in enumerate(spans)},
        targets={"target": window(*target)},
        positions=positions,
        padding=padding,
    )
    needed = [target] if padding else [target, *spans]

    def fits(position):
        return all(
            0 <= frame < frames
            for start, length in needed
            for frame in range(position + start, position + start + length + positions - 1)
        )

    slow = [position for position in range(-50, 80) if fits(position)]
    assert layout.count(frames) == len(slow)
    if slow:
        assert layout.first_position == slow[0]
    assert layout.count(layout.min_frames) == 1
    assert layout.count(layout.min_frames - 1) == 0


def test_input_that_shows_its_target_is_refused():
    with pytest.raises(OptionsError, match="input 'motion' shows frames"):
        WindowLayout(inputs={"motion": window(-150, 151)}, targets={"motion": window(0, 1)})


def test_leak_is_looked_for_on_single_positions():
    WindowLayout(inputs={"motion": window(-1, 1)}, targets={"motion": window(0, 1)}, positions=60)


@pytest.mark.parametrize(
    ("options", "reason"),
    (
        ({"targets": {}}, "name at least one output"),
        ({"targets": {"a": window(0, 1, mode="single")}}, "output 'a' has mode 'single'"),
        ({"targets": {"a": window(0, 1)}, "positions": 0}, "at least 1 position"),
    ),
)
def test_impossible_layout_is_refused(options, reason):
    with pytest.raises(OptionsError, match=reason):
        WindowLayout(inputs={}, **options)
