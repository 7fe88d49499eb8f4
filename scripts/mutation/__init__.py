"""What scripts.mutants and scripts.faults share: planting a change, and seeing whether the tests notice."""
