"""Reports over the shop's data, written into files by the worker."""
