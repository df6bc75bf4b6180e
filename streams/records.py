"""The topics of a partition that say what is known of its students, beside their activity.

Compacted: of each key the last record counts. They are read whole before a partition is replayed,
and followed from then on.
"""

from typing import Final

from schemas.topics import ACTIVITY, CIRCUMSTANCE, EXPECTATION, SPONSORSHIP, STUDENT

RECORDS: Final = (STUDENT, EXPECTATION, CIRCUMSTANCE, SPONSORSHIP)
PER_STUDENT: Final = (*ACTIVITY.values(), *RECORDS)
"""What has to be assigned of a partition before it is served."""
