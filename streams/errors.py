"""What can go wrong, by what the runtime does about it.

::

    RiverkeeperError          the text says what, where, what was got, and the remedy
    ├── StopError             a person must mend it: the process ends, nothing is retried
    │   ├── SpecError         the pipeline file is wrong (file, line, key, got, remedy)
    │   ├── SourceError       the history cannot be read or put in order
    │   ├── ReleaseError      a release is unsigned, altered, or of another library version
    │   └── LearnerError      a learner cannot be built, fitted or asked as declared
    ├── RetryError            the world may be better in a moment: seek back and try again
    └── RecordError           this one record is bad: it becomes a dead letter, the rest goes on
"""


class RiverkeeperError(Exception):
    """Base of every error that Riverkeeper raises on purpose."""


class StopError(RiverkeeperError):
    """A person must mend something; retrying cannot help."""


class SpecError(StopError):
    """The pipeline file is wrong; the text lists every mistake."""


class SourceError(StopError):
    """The history cannot be read or put in order."""


class ReleaseError(StopError):
    """A release is unsigned, altered, or made by another library version."""


class LearnerError(StopError):
    """A learner cannot be built, fitted or asked as declared."""


class RetryError(RiverkeeperError):
    """A passing fault; the batch is tried again from the committed offsets."""


class RecordError(RiverkeeperError):
    """One record is bad: `code` is stable and for programs, the text is for people."""

    def __init__(self, code: str, field: str, got: str, remedy: str) -> None:
        """Keep the parts of the reason apart, so that a dead letter can carry them."""
        super().__init__(f"{field}: {code}, got {got}. {remedy}")
        self.code = code
        self.field = field
        self.got = got
        self.remedy = remedy
