"""The HTML report: one self-contained file that says what a run was like, for people."""

from dashboards.report.page import report, write_report
from dashboards.report.parts import anchor

__all__ = ["anchor", "report", "write_report"]
