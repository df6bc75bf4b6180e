"""Logins to PCs of the campus, from the Security log of Windows."""
