"""What Prometheus makes of the two programs: `make alerts`.

It needs `prometheus` and `promtool`, so it is no part of `make test`.
"""
