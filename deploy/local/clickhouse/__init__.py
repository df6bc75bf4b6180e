"""The local stack's ClickHouse: the embedded engine, served over ClickHouse's own HTTP protocol.

A request travels http -> access -> body -> statement -> engine and back. What a client may rely
on is what clickhouse-connect's HTTP client uses: statements, parameters, settings, inserts in any
input format, compressed bodies, the engine's error codes and texts. There are no sessions: `SET`,
`USE` and temporary tables end with the request. Answers are whole, not streamed, and bounded.
"""
