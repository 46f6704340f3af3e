"""Voices: one file per vendor, each SpeakRequest → Speech."""
