"""How students ended (`studentInfo`): for reports only, never published."""

from collections.abc import Mapping
from importlib.resources.abc import Traversable

from connectors.oulad.table import MODULE, STUDENT_NUMBER_LIMIT, Table
from schemas.errors import SourceError


def final_results(folder: Traversable) -> Mapping[tuple[str, int], str]:
    """The final result by presentation ("AAA-2013J") and student number.

    Of the file's other columns (gender, region, disability and so on) none is read. Raises
    SourceError for a row that cannot be used: a report is not made from half of the results.
    """
    table = Table(folder, "studentInfo", (*MODULE, "id_student", "final_result"))
    results: dict[tuple[str, int], str] = {}
    for checks in table:
        students = checks.integers("id_student", 0, STUDENT_NUMBER_LIMIT).tolist()
        modules, codes = (checks.rows.columns[column] for column in MODULE)
        for i, result in enumerate(checks.rows.columns["final_result"]):
            results[f"{modules[i]}-{codes[i]}", students[i]] = result
    for row in table.rejected:
        raise SourceError(f"{row.origin}: {row.message}")
    return results
