"""Talis Aspire, a system of reading lists: its raw events, as its reporting database has them."""
