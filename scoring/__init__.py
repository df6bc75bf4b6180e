"""Pure scoring: policy, reference, kernel. Values in, values out; no clock, no I/O."""
