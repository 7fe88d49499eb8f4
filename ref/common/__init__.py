"""What the listings imported, or repeated only as plumbing: layers, data, sessions, checkpoints, figures, runs."""
