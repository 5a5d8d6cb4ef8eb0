"""One file a step. A step returns what is wrong, or nothing."""
