"""The gate between two revisions: what counts decide, and what they could decide beforehand."""
