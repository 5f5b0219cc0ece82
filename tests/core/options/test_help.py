"""What ``--help`` tells of options."""

import pytest

from tests.core.options.sample import given


class TestHelp:
    """Everything that can be said, for exactly what is chosen."""

    @pytest.fixture
    def help_of(self, capsys, monkeypatch):
        monkeypatch.setenv("COLUMNS", "90")

        def show(line):
            with pytest.raises(SystemExit) as stop:
                given(f"{line} --help", prog="transflower train")
            assert stop.value.code == 0
            return capsys.readouterr().out

        return show

    def test_every_leaf_shows_description_current_value_and_choices(self, help_of, write):
        write("a.yaml", "model: {head: {num_steps: 7}}")
        text = " ".join(help_of("--config a.yaml --rate 7e-5").split())
        for part in (
            "usage: transflower train",
            "--rate FLOAT Learning rate.",
            "--model.head.type {deterministic,flow} Kind of head. Normalizing flow over the next poses.",
            "--model.head.num_steps INT Number of steps. (default: 7)",
            "Normalisation at the start of each step. (default: act)",
            "{act,batch,none}",
            "--model.head.coupling.max_scale FLOAT Largest factor. (default: 2.0)",
            "--model.blocks.1.width INT Channels. (default: 4)",
            "--model.inputs.NAME.length INT Frames. (required)",
            "--model.inputs.NAME.names.NAME TEXT Other names.",
            "What the model sees.",
            "--ema none Average that is kept. (default: none)",
            "--seed INT|none Seed of everything. (default: none)",
            "--betas FLOAT FLOAT Memory of the optimiser. (default: 0.9 0.999)",
            "--steps [INT ...] When the rate falls. (default: nothing)",
            "--resume, --no_resume Go on where the last run stopped. (default: false)",
            "--precision {16,32}|{auto} Bits of a number. (default: auto)",
            "[FOLDER] Where the data is. (required)",
            "--config",
            "--print_config",
        ):
            assert part in text.replace("│ ", "").replace(" │", "")

    def test_only_what_is_chosen_is_shown(self, help_of):
        text = help_of("--model.head.type deterministic")
        assert "--model.head.loss" in text
        assert "num_steps" not in text

    def test_what_flags_add_is_shown(self, help_of):
        text = help_of("--ema.decay 0.5 --model.inputs.audio.length 3")
        assert "--ema.decay" in text
        assert "--model.inputs.audio.offset" in text
        assert "--model.inputs.NAME" not in text

    def test_a_file_with_problems_does_not_hide_the_help(self, help_of, write):
        write("a.yaml", "rate: fast\nresume: maybe\nmodel: {head: {type: flwo}, blocks: 3}")
        assert "(default: fast)" in help_of("--config a.yaml")
