"""A run of the pipeline as a job: it waits its turn, survives crashes, is told of, tidied away."""
