from typing import Any

class Topic: ...

class SerializationContext:
    topic: str

class Deserializer:
    def __call__(self, value: bytes, ctx: SerializationContext) -> Any: ...
