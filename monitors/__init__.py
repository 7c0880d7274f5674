"""What watches and decides: detectors, quality, season, budget, diagnosis, incidents, policy and alerts."""
