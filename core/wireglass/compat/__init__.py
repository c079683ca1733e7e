"""Import names of other runtimes, served by ours while a user's file runs."""
