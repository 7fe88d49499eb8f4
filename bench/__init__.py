"""Throughput with and without the frozen-layer cache, of every port, and of other libraries on the same work."""
