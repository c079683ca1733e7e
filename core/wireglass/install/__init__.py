"""From a server file or URL to entries in other programs: what `wireglass install` and Client configs share."""
