"""Many small slices of one topic, decoded in one go.

Decoding a slice of a few records takes about as long as one of a thousand: what a poll brings of
all partitions of a topic is one block. Only where nothing is out of the ordinary; the rest is read
slice by slice, which gives the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from broker.avro_block import NotABlock
from broker.blocks import Rows, begins_with_headers
from broker.codecs import decompress
from broker.decoder import Decoder
from broker.slices import Slice
from schemas.errors import Undecodable


@dataclass(frozen=True, slots=True)
class Joint:
    """Rows of several slices, those of a slice together and in order of the slices."""

    rows: Rows
    counts: NDArray[np.int64]
    """[slices]; how many rows each has, those before its start included."""

    def spans(self) -> list[tuple[int, int]]:
        """From and to of each slice's rows."""
        return list(pairwise(accumulate(self.counts.tolist(), initial=0)))


def decode_jointly(decoder: Decoder, pieces: Sequence[Slice]) -> Joint | None:
    """All records of these slices; None where one of them has to be looked at by itself.

    Raises only what looking up a writer's schema raises.
    """
    batches = [batch for piece in pieces for batch in piece.batches]
    firsts = list(accumulate((len(piece.batches) for piece in pieces), initial=0))[:-1]
    try:
        payloads = [decompress(b.codec, b.payload, decoder.limit_bytes) for b in batches]
        if not batches or sum(map(len, payloads)) > decoder.limit_bytes:
            return None
        if begins_with_headers(payloads[0]):  # whoever sets headers does so always
            return None
        rows = decoder.block(batches, payloads, firsts)
    except (Undecodable, NotABlock):
        return None
    counts = [sum(batch.records for batch in piece.batches) for piece in pieces]
    return Joint(rows, np.array(counts, np.int64))
