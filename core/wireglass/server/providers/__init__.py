"""Where components come from; one file per source."""
