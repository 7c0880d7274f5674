"""The way of a record: its types, contract, cleaning, features, join and aggregates; the log, state and worker."""
