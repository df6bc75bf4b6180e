"""Whole years of history through `scoring.kernel`, and what they say about a policy.

files (`oulad`, `tabular`) -> courses (`course`) -> closings (`replay`) -> figures -> a report
"""
