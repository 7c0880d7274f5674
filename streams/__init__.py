"""The way of a record: its types, contract, cleaning, features, join and aggregates; the log, keyed state and worker."""
