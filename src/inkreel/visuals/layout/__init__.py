"""Diagrams → where everything stands, in em of the node text; drawing scales it to the stage."""
