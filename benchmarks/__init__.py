"""How fast it is, beside others and beside the floor that the machine sets, measured in one run: ``make bench``.

On one core: there metrics repeat, whatever else the machine is doing.
"""
