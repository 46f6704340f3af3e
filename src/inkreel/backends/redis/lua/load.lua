-- The queue at a glance: counts by the statuses in ARGV, then when the longest waiting one began
-- to wait, priorities and workers with their counts.
local counts = {}
for index, status in ipairs(ARGV) do
  counts[index] = call('ZCARD', P .. 'all:' .. status)
end
local oldest = call('ZRANGE', P .. 'queued', 0, 0, 'WITHSCORES')[2] or ''
return { counts, oldest, call('HGETALL', P .. 'priorities'), call('HGETALL', P .. 'workers') }
