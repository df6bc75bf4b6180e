"""Statements that systems send by themselves, over HTTP: xAPI and Caliper."""
