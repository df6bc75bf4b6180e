"""A report as Markdown: docs/BACKTEST.md is one."""

from backtest.report import Report
from backtest.words import Heading, tables, verdict


def document(report: Report) -> str:
    """Write the document; what could not be used of the files is told as a number."""
    parts = [
        f"# Backtest of policy {report.policy!r}, version {report.version}",
        "Written by `leap backtest --markdown`; do not edit. An interval is a bootstrap interval of"
        " 95 %, over students.",
        *verdict(report),
        *(_table(heading) for heading in tables(report)),
    ]
    if report.problems:
        parts.append(f"{len(report.problems)} rows or groups of rows could not be used.")
    return "\n\n".join(parts) + "\n"


def _table(heading: Heading) -> str:
    title, columns, rows = heading
    lines = [columns, ["---"] * len(columns), *rows]
    drawn = "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)
    return f"## {title}\n\n{drawn}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
