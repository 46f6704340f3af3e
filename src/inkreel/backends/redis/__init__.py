"""What the service knows, in Redis: one server, Sentinel or Cluster, for any number of machines.

`RedisJobs` is the queue with the API keys; `RedisKeys` the keys alone, for the command line;
`RedisRates` the rate limits, `RedisLocks` what is being made outside. Each stands on a `Link`;
`lua/index.lua` says what lies where.
"""

from inkreel.backends.redis.address import Address, parse
from inkreel.backends.redis.jobs import RedisJobs
from inkreel.backends.redis.keys import RedisKeys
from inkreel.backends.redis.link import Link
from inkreel.backends.redis.locks import RedisLocks
from inkreel.backends.redis.rates import RedisRates

__all__ = ["Address", "Link", "RedisJobs", "RedisKeys", "RedisLocks", "RedisRates", "parse"]
