"""Those who hold state for us, one file per technology."""
