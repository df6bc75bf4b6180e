import gzip
import zlib

import cramjam
import pytest

from deploy.local.clickhouse import body
from deploy.local.clickhouse.refusal import Refusal

LIMIT_BYTES = 1 << 20


def compressed(data: bytes, encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.compress(data)
    if encoding == "deflate":
        return zlib.compress(data)
    module = {"zstd": cramjam.zstd, "lz4": cramjam.lz4}[encoding]
    return bytes(module.compress(data))


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd", "lz4"])
@pytest.mark.parametrize("data", [b"", b"x", b"SELECT 1" * 10_000, bytes(LIMIT_BYTES)])
def test_what_was_compressed_comes_back(encoding: str, data: bytes) -> None:
    sent = compressed(data, encoding)
    assert body.decompressed(sent, encoding, limit_bytes=LIMIT_BYTES) == data


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd", "lz4"])
def test_a_bomb_is_refused_at_the_bound(encoding: str) -> None:
    bomb = compressed(bytes(50 * LIMIT_BYTES), encoding)
    assert len(bomb) < LIMIT_BYTES
    with pytest.raises(Refusal, match=r"larger than 1 MiB.*send fewer rows") as caught:
        body.decompressed(bomb, encoding, limit_bytes=LIMIT_BYTES)
    assert caught.value.status == 413


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd", "lz4"])
@pytest.mark.parametrize("damage", ["cut", "garbage"])
def test_a_damaged_body_is_refused(encoding: str, damage: str) -> None:
    whole = compressed(b"SELECT 1" * 1000, encoding)
    sent = whole[: len(whole) // 2] if damage == "cut" else b"\x01" * 40
    with pytest.raises(Refusal, match=f"not valid {encoding}") as caught:
        body.decompressed(sent, encoding, limit_bytes=LIMIT_BYTES)
    assert caught.value.status == 400


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(Refusal, match="Unknown Content-Encoding 'br'"):
        body.decompressed(b"x", "br", limit_bytes=LIMIT_BYTES)


def test_a_form_gives_its_fields() -> None:
    sent = (
        b'--B\r\nContent-Disposition: form-data; name="query"\r\n\r\nSELECT {a:String}\r\n'
        b'--B\r\nContent-Disposition: form-data; name="param_a"\r\n\r\n\xc3\xa9 \\n\r\n--B--\r\n'
    )
    assert body.form("multipart/form-data; boundary=B", sent) == {
        "query": "SELECT {a:String}",
        "param_a": "é \\n",
    }


def test_external_data_is_refused() -> None:
    sent = (
        b'--B\r\nContent-Disposition: form-data; name="t"; filename="t.csv"\r\n\r\n1,2\r\n--B--\r\n'
    )
    with pytest.raises(Refusal, match="no external data") as caught:
        body.form("multipart/form-data; boundary=B", sent)
    assert caught.value.status == 501
