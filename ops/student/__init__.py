"""A student's indicator: what is known of it, in sentences, tables and JSON."""
