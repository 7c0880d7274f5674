"""The terminal's table says what the story says."""

from io import StringIO
from pathlib import Path

from rich.console import Console

from dashboards.story import tell
from dashboards.table import arms_table
from tests.unit.dashboards.sample_run import sample_run


def test_every_arm_has_its_row_and_value_has_its_rules(tmp_path: Path) -> None:
    sample_run(tmp_path, days=30)
    story = tell(tmp_path)
    out = StringIO()
    console = Console(width=200, file=out)
    console.print(arms_table(story))
    text = out.getvalue()
    for name in (
        "served",
        "never updated",
        "online (challenger)",
        "recent (baseline)",
        "always act",
        "never act",
    ):
        assert name in text
    served = story.arm("served")
    assert served is not None
    assert f"{served.metrics['log_loss']:.4f}" in text
