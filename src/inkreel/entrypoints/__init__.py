"""How the house is entered: the command now, HTTP and workers later. No logic here."""
