"""The figures of a run: everything that the terminal's table and the report show, told once, as plain data."""
