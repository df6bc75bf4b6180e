"""What is on the wire: schemas, the registry of topics, keys, codecs. No I/O, no framework."""
