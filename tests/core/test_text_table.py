from transflower.core.text_table import aligned_columns, padded_table

LINES = [("", "speed", "parts"), ("one", "12.5", "left arm"), ("twelve", "3", "")]


def test_columns_are_as_wide_as_their_widest_cell():
    assert aligned_columns(LINES) == "        speed     parts\none      12.5  left arm\ntwelve      3"


def test_columns_of_text_are_aligned_left():
    told = aligned_columns(LINES, left=(0, 2))
    assert told == "        speed  parts\none      12.5  left arm\ntwelve      3"


def test_markdown_has_a_rule_that_says_the_alignment():
    assert padded_table(LINES[:2]).splitlines() == [
        "|     | speed |    parts |",
        "| --- | ----: | -------: |",
        "| one |  12.5 | left arm |",
    ]
