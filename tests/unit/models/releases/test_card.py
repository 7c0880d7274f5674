"""The model card says what a reader needs."""

from models.releases.card import card
from tests.unit.models.releases.made import release


def test_the_card_has_figures_beside_baselines_window_lineage_and_the_way_back() -> None:
    text = card(release(version="0002"))

    assert text.startswith("# Release 0002 of champion\n\nTell which flights will land late\n")
    assert (
        "|  | log_loss | roc_auc |\n| --- | --- | --- |\n| release | 0.4546 |  |\n| baseline.mean | 0.55 |  |" in text
    )
    assert "2013-03-01 to 2013-04-01" in text
    assert "outcomes/0: offsets 0 to 99" in text
    assert "optimizer.lr = 0.05" in text
    assert "Acts from a score of 0.111" in text
    assert "wind (numeric)" in text
    assert "riverkeeper releases rollback" in text
    assert "Made from: 0001" in text


def test_a_card_of_little_says_so() -> None:
    text = card(release(evaluation={}, offsets={}, window=(0.0, 0.0), parents=(), goal="", owners=(), threshold=None))

    assert "No goal was given." in text
    assert "None yet." in text
    assert "Window: none" in text
    assert "Made from: none" in text
