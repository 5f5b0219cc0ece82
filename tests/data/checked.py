"""A folder whose arrays fit, and what is found wrong with one."""

from tests.data.factories import ramp
from transflower.data.check import CheckConfig, check_folder


def good(**change):
    return {"motion": ramp(20, 3), "audio": ramp(20, 2)} | change


def check(folder, **options):
    return check_folder(CheckConfig(folder=folder, **options))
