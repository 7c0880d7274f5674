import re
from pathlib import Path

import pytest

from streams.contract import FLAGS, REASONS
from streams.contract.reasons import refusal

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "reason-codes.md"


def test_the_page_says_what_is_declared() -> None:
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.read_text().splitlines() if line[:3] == "| `"
    ]
    shown = {cells[0].strip("`"): cells[1:] for cells in rows if len(cells) == 3}
    assert shown == {code: [why.meaning, re.sub(r"\{(\w+)\}", r"*\1*", why.remedy)] for code, why in REASONS.items()}
    suffix = {"no_key": "", "rule": ":*rule*"}
    flags = {f"`{flag}`{suffix.get(flag, ':*field*')}": meaning for flag, meaning in FLAGS.items()}
    assert {cells[0]: cells[1] for cells in rows if len(cells) == 2} == flags


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_makes_an_error_that_says_what_where_got_and_remedy(code: str) -> None:
    error = refusal(code, "{wind}", "7 {x}", "a {float}")
    assert str(error).startswith(f"{{wind}}: {code}, got 7 {{x}}. ")
    assert error.remedy.endswith(".")
