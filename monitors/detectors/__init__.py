"""Detectors of change in a series, by the name that a pipeline file gives them; parameters are keyword arguments."""

from monitors.detectors.adwin import ADWIN
from monitors.detectors.ddm import DDM
from monitors.detectors.eddm import EDDM
from monitors.detectors.hddm_a import HDDMA
from monitors.detectors.hddm_w import HDDMW
from monitors.detectors.kswin import KSWIN
from monitors.detectors.page_hinkley import PageHinkley
from monitors.detectors.port import Detector

DETECTORS: dict[str, type[Detector]] = {
    "adwin": ADWIN,
    "ddm": DDM,
    "eddm": EDDM,
    "hddm_a": HDDMA,
    "hddm_w": HDDMW,
    "kswin": KSWIN,
    "page_hinkley": PageHinkley,
}
