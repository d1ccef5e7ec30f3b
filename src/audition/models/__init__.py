"""Models: what answers the loop. One file is one model."""
