"""Kafka, schema registry and ClickHouse on one machine, under one supervisor."""
