"""The service's HTTP API: requests → orders and questions to the queue → JSON, events, files.

Nothing is made here. A request is let in (`edge`, `auth`, `limits`), its body is taken in within
bounds (`body`, `uploads`), `jobs.orders` does what it asks, and `schemas` says what came of it.
"""
