"""What Riverkeeper can do: one remedy a file, by the kind of action that calls for it."""

from models.remedies.decided import decided, promote, reject
from models.remedies.port import Remedy
from models.remedies.recalibrate import recalibrate
from models.remedies.rollback import rollback
from models.remedies.train import release, replace, retrain

REMEDIES: dict[str, Remedy] = {
    "release": release,
    "recalibrate": recalibrate,
    "retrain": retrain,
    "replace": replace,
    "rollback": rollback,
    "promote": promote,
    "reject": reject,
    "pause": decided,
    "resume": decided,
    "mask": decided,
    "unmask": decided,
    "convert": decided,
    "unconvert": decided,
}
"""Every remedy by its kind."""
