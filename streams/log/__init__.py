"""The log: what a stage may ask of it, and its adapters."""
