"""What the exit code of every command says; scripts can rely on it."""

from types import MappingProxyType

OK = 0
MISTAKES = 1
USAGE = 2
STOPPED = 3
BUG = 70
INTERRUPTED = 130

MEANING = MappingProxyType(
    {
        OK: "done",
        MISTAKES: "mistakes in the pipeline file, all listed",
        USAGE: "called wrongly",
        STOPPED: "stopped by data, a learner or a release that a person must mend",
        BUG: "a fault in Riverkeeper itself (--debug shows the trace)",
        INTERRUPTED: "stopped by Ctrl-C",
    }
)
"""Each code in words: the documentation and `riverkeeper --help` are made of this."""
