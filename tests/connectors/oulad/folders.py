"""Small folders in the layout of the dataset."""

from collections.abc import Mapping, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from connectors.oulad.source import OuladSource
from tests.connectors.world import SITE_KEY, ZONE

HEADERS: Final = {
    "courses": "code_module,code_presentation,module_presentation_length",
    "assessments": "code_module,code_presentation,id_assessment,assessment_type,date,weight",
    "studentRegistration": (
        "code_module,code_presentation,id_student,date_registration,date_unregistration"
    ),
    "studentAssessment": "id_assessment,id_student,date_submitted,is_banked,score",
    "studentVle": "code_module,code_presentation,id_student,id_site,date,sum_click",
}

# Module AAA in two presentations: of 2013 (from 1 October, 10 days) and 2014 (likewise).
ROWS: Final[Mapping[str, Sequence[str]]] = {
    "courses": ["AAA,2013J,10", "AAA,2014J,10"],
    "assessments": ["AAA,2013J,1752,TMA,4,10", "AAA,2013J,1757,Exam,,100"],
    "studentRegistration": ["AAA,2013J,11,-30,", "AAA,2013J,12,-20,", "AAA,2014J,12,-20,"],
    "studentAssessment": ["1752,11,3,False,78"],
    "studentVle": ["AAA,2013J,11,546652,0,2", "AAA,2013J,12,546652,1,3"],
}


def write(folder: Path, **rows: Sequence[str]) -> Path:
    """A folder with the rows above, some files with other rows."""
    for name, header in HEADERS.items():
        lines = [header, *rows.get(name, ROWS[name])]
        (folder / f"{name}.csv").write_text("".join(f"{line}\n" for line in lines))
    return folder


def oulad(folder: Traversable) -> OuladSource:
    return OuladSource(folder, SITE_KEY, ZONE)
