"""The parts of the Compare view: where the two sides come from, the list of what differs, both sides beside each other.

A source makes a `Listing`; the view shows it. One more thing to compare is a file here and a line in the panel's list.
"""
