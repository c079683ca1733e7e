"""What crossed the wire, kept: the ledger in memory and the archive on disk."""
