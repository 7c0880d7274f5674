"""Calibrators by name, as `calibrate` in the pipeline file has them: each fits on scores and labels."""

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from models.calibration.calibrators import Calibrator, Floats, fit_identity, fit_isotonic, fit_platt
from models.calibration.prior_shift import fit_prior_shift

CALIBRATORS: dict[str, Callable[[Floats, NDArray[Any]], Calibrator]] = {
    "none": fit_identity,
    "platt": fit_platt,
    "isotonic": fit_isotonic,
    "prior_shift": fit_prior_shift,
}
