"""Kafka plumbing: batches, blocks, transport, publishers, topics, the schema registry."""
