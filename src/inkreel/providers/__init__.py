"""Those who do creative work for us: one file per vendor."""
