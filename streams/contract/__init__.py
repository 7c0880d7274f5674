"""The contract of events: from what a producer sent to clean values, or to the reason why not."""

from streams.contract.contract import Accepted, Contract, Fitted, Refused
from streams.contract.parse import parse
from streams.contract.reasons import FLAGS, REASONS

__all__ = ["FLAGS", "REASONS", "Accepted", "Contract", "Fitted", "Refused", "parse"]
