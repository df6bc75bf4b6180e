"""What a policy means, apart from how it is written.

A published version is never edited in place. Whether a document is the published one is decided by
its meaning: comments, the order of fields, `3` for `3.0` and a default that is written out change
nothing; anything else does, a title or a reason included, for people are told them.
"""

import hashlib
import json

from scoring.policy import Policy


def policy_digest(policy: Policy) -> str:
    """Give SHA-256, in hexadecimal, of a policy's meaning: equal for equal policies only.

    Defaults are left out, so that a field which a later release adds does not change the digest of
    what was published before it.
    """
    meaning = policy.model_dump(mode="json", exclude_defaults=True)
    text = json.dumps(meaning, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
