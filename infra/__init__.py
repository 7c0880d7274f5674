"""What runs around the core: the pipeline file, the wiring of all rooms, the backtest and the command line."""
