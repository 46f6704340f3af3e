"""Inkreel: a document goes in, a narrated explainer video comes out."""
