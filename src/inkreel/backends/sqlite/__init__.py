"""What the service knows, in SQLite files that the processes of one machine share.

`SqliteJobs` is the queue with the API keys (`service.db`); `SqliteKeys` the keys alone, for the
command line; `SqliteRates` the rate limits (`limits.db`, which may be lost).
"""

from inkreel.backends.sqlite.jobs import SqliteJobs
from inkreel.backends.sqlite.keys import SqliteKeys
from inkreel.backends.sqlite.rates import SqliteRates

__all__ = ["SqliteJobs", "SqliteKeys", "SqliteRates"]
