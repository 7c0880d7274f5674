"""Event time: cuts."""


def cut(time: float, every_s: float) -> float:
    """Return the latest multiple of `every_s` (s) that is not after `time`.

    >>> cut(1234.0, 600.0)
    1200.0
    """
    return time // every_s * every_s
