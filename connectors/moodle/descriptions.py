"""What the Description of Moodle's log report says: the only place where the report has ids.

Moodle writes it in English whatever the language of its pages, so nothing else is looked at.
"""

from typing import Final

import numpy as np
import polars as pl

from connectors.moodle.events import Kinds, parted

USER: Final = r"^The user with id '(-?\d+)'"
MODULE: Final = r"course module id '(\d+)'"
COURSE: Final = r"course with id '(\d+)'"
FAILED_LOGIN: Final = r"^Login failed for"
LOGGED_IN_AS: Final = r"has logged in as the user with id"

_LOGIN: Final = r"' has logged in\."
_SUBMISSION: Final = (
    r"' (has )?submitted the submission with id '\d+' for the assignment with course module id"
)
_FEEDBACK: Final = r"' viewed the feedback for the user with id '.*' for the assignment with"
_SUBMISSION_VIEW: Final = (
    r"' (has )?viewed (the submission status page|their submission|the submission for the user"
    r" with id '-?\d+'|the submission form.*) for the assignment with course module id"
)
_PAGE: Final = r"' (has )?viewed the (course with id '|.*course module id ')"


def kinds_of_descriptions(descriptions: pl.Series, origins: pl.Series) -> Kinds:
    """The kinds of the report's rows."""

    def says(pattern: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return descriptions.str.contains(pattern).to_numpy()

    is_login, is_upload, is_feedback = says(_LOGIN), says(_SUBMISSION), says(_FEEDBACK)
    is_view = is_feedback | says(_SUBMISSION_VIEW)
    is_page = says(_PAGE) & ~is_view
    return parted(origins, is_upload, is_view, is_login, is_page, is_feedback)
