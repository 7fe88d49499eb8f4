"""Tables and plots of what was measured: each result its own, and one table over all machines."""
