from pathlib import Path

from infra.reference import write_reference
from infra.sections import Pipeline

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "pipeline-file.md"


def test_the_page_is_what_the_sections_say() -> None:
    """After a change of a section: `python -c "import infra.reference as r; print(r.write_reference())" > PAGE`."""
    assert PAGE.read_text(encoding="utf-8").strip() == write_reference().strip()


def test_every_section_is_on_the_page() -> None:
    page = write_reference()
    for name in Pipeline.model_fields:
        assert f"[{name}]" in page
    assert "| `cooldown` | duration |" in page
    assert '`"log_loss"`' in page
