"""One file per transform; none knows another."""
