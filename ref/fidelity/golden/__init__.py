"""Recorded values, their tolerances, and what is said where one is outside."""
