"""Parts that show a sign-in: the check list, the page that waits for a person, what is known of the token."""
