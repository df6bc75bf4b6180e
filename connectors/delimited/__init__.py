"""Delimited text: comma, tab or semicolon separated values of any origin."""
