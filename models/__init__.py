"""What predicts and learns: learners, metrics, training, calibration, releases, rollout and remedies."""
