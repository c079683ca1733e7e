"""One file each; none knows another."""
