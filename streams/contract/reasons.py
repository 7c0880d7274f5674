"""Every reason for which a record is refused, and every flag that an accepted one can carry, declared once."""

from typing import NamedTuple

from streams.errors import RecordError


class Reason(NamedTuple):
    """What a code means, and what mends it; `{field}` and `{expected}` are filled in."""

    meaning: str
    remedy: str


REASONS: dict[str, Reason] = {
    "not_utf8": Reason("The bytes are not UTF-8.", "Send UTF-8 without a byte order mark."),
    "not_json": Reason("The bytes are not JSON.", "Send one JSON object; JSON knows neither NaN nor Infinity."),
    "repeated_key": Reason(
        "An object has the same key twice, so that it is unclear which value counts.", "Send each key once."
    ),
    "too_deep": Reason("Objects or lists are nested too deeply.", "Nest at most {expected} levels."),
    "not_an_object": Reason("The record is a list or a single value.", "Send a JSON object with the declared fields."),
    "no_id": Reason("The event has no id.", "Fill the column or template that [source] id names."),
    "no_time": Reason(
        "The event has no time between the years 1 and 9999.",
        "Fill the columns of [source] time and known_at.",
    ),
    "bad_text": Reason("Text has half of a surrogate pair and cannot be stored.", "Send valid Unicode in {field}."),
    "too_long": Reason(
        "Text is longer than allowed.", "Shorten {field} to {expected} characters, or raise max_length."
    ),
    "in_the_future": Reason(
        "The event is dated further ahead of its arrival than the source allows.",
        "Mend the producer's clock or time zone (at most {expected} ahead is allowed).",
    ),
    "too_late": Reason(
        "The event arrived later after its time than the source allows.",
        "Raise [source] lateness above {expected}, or replay the events as history.",
    ),
    "duplicate": Reason("An event with this id was accepted before.", "Nothing, or give each event an id of its own."),
    "missing": Reason(
        "A field that must be there is absent, null or NaN.", "Send {field}, or declare missing as flag or impute."
    ),
    "wrong_type": Reason("A value is of another type than declared.", "Send {field} as {expected}."),
    "not_finite": Reason("A number is infinite.", "Send {field} as a finite number, or null where there is none."),
    "too_large": Reason(
        "An integer is too large to be kept exactly.", "Send {field} as {expected}; declare an identifier as str."
    ),
    "out_of_range": Reason(
        "A number is outside the declared range.", "Send {field} as {expected} (check its unit), or widen min and max."
    ),
    "bad_time": Reason(
        "Text is not a time.", "Send {field} as ISO 8601, such as 2013-01-31T17:30:00-05:00, or as seconds since 1970."
    ),
    "unknown_category": Reason(
        "A category is not among the declared ones, and the field refuses new ones.",
        "Add it to the categories of {field}, or declare unknown as flag.",
    ),
    "rule_broken": Reason("A rule between fields does not hold.", "Mend the fields, or the rule {expected}."),
}
"""Why records are refused, by code. Codes are stable: programs, alerts and dashboards go by them."""

FLAGS: dict[str, str] = {
    "no_key": "The event names no entity; all such events count as one entity, the empty text.",
    "missing": "The field was missing and stays so.",
    "imputed": "The field was missing and was filled in as declared.",
    "new_category": "The category is not among the declared ones; its value is kept.",
    "outlier": "The value is further from the quartiles than declared.",
    "rule": "The rule, which only flags, does not hold.",
}
"""What an accepted event is flagged with; all but `no_key` are followed by a colon and the name of field or rule."""


def refusal(code: str, field: str, got: str, expected: object = "") -> RecordError:
    """Return the error of one refused record. `got` must not show a personal value.

    >>> print(refusal("too_deep", "payload", "40 levels", 32))
    payload: too_deep, got 40 levels. Nest at most 32 levels.
    """
    return RecordError(code, field, got, REASONS[code].remedy.format(field=field, expected=expected))
