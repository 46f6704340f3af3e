"""Settings → ports: the only place that chooses who does what.

`video` makes a file for the command and the library, `service` opens what the service stands on,
`options` checks what a user asked for. Nothing heavy is imported before it is needed.
"""
