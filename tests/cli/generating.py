"""Calls of ``transflower generate``, and what they are called with."""

from transflower import cli

SMALL = ("--render.width", "64", "--render.height", "64", "--render.fps", "10")


def generate(folder, *words: str) -> int:
    return cli.main(["generate", *(word.replace("DIR", str(folder)) for word in words)])


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
