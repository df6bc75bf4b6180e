"""Which of Moodle's events are a student's activity, and of what kind."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from connectors.sieve import Mask
from schemas.types import Kind

LOGIN: Final = r"\core\event\user_loggedin"
FAILED_LOGIN: Final = r"\core\event\user_login_failed"
LOGGED_IN_AS: Final = r"\core\event\user_loggedinas"
SUBMISSIONS: Final = (
    # Triggered once a submission, with or without drafts; submission_created and
    # assessable_uploaded, which come before it, would count it twice.
    r"\mod_assign\event\assessable_submitted",
    r"\mod_turnitintooltwo\event\add_submission",
)
FEEDBACK_VIEW: Final = r"\mod_assign\event\feedback_viewed"
SUBMISSION_VIEWS: Final = (
    r"\mod_assign\event\submission_status_viewed",
    r"\mod_assign\event\submission_form_viewed",
    r"\mod_assign\event\submission_viewed",
)
PAGE_VIEWS: Final = r"^\\(core\\event\\course_(module_)?viewed|mod_\w+\\event\\\w*viewed)$"
SITE_COURSE: Final = 1
"""Moodle's front page is a course with this id, and no course."""
GUEST: Final = 1
"""The account of everybody who looks around without one of their own."""
MOBILE_ORIGIN: Final = "ws"


MOODLE_KINDS: Final = (
    Kind.MOODLE_COURSE,
    Kind.MOODLE_LOGIN,
    Kind.MOODLE_MOBILE,
    Kind.FASER_UPLOAD,
    Kind.FASER_VIEW,
)
"""Everything that Moodle logs of students."""


@dataclass(frozen=True, slots=True, eq=False)
class Kinds:
    """Which rows are of which kind; a row is of one kind at most."""

    of: dict[Kind, Mask]
    is_feedback: Mask

    @property
    def any(self) -> Mask:
        """The rows that are an activity."""
        found: Mask = np.logical_or.reduce(list(self.of.values()))
        return found


def kinds_of(names: pl.Series, origins: pl.Series) -> Kinds:
    """The kinds of events, by name (mod_assign's feedback_viewed, written in full) and origin.

    What comes from the mobile app is Moodle mobile, but for coursework, which stays coursework.
    """
    is_feedback = (names == FEEDBACK_VIEW).to_numpy()
    is_upload = names.is_in(list(SUBMISSIONS)).to_numpy()
    is_view = is_feedback | names.is_in(list(SUBMISSION_VIEWS)).to_numpy()
    is_login = (names == LOGIN).to_numpy()
    is_page = names.str.contains(PAGE_VIEWS).to_numpy() & ~is_view
    return parted(origins, is_upload, is_view, is_login, is_page, is_feedback)


def parted(
    origins: pl.Series,
    is_upload: Mask,
    is_view: Mask,
    is_login: Mask,
    is_page: Mask,
    is_feedback: Mask,
) -> Kinds:
    """Rows by kind; from the mobile app, pages and logins are Moodle mobile."""
    is_mobile = (origins.str.to_lowercase() == MOBILE_ORIGIN).to_numpy()
    return Kinds(
        {
            Kind.FASER_UPLOAD: is_upload,
            Kind.FASER_VIEW: is_view,
            Kind.MOODLE_LOGIN: is_login & ~is_mobile,
            Kind.MOODLE_COURSE: is_page & ~is_mobile,
            Kind.MOODLE_MOBILE: (is_page | is_login) & is_mobile,
        },
        is_feedback,
    )
