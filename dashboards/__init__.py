"""What people look at: the figures of a run, its charts and the self-contained HTML report."""
