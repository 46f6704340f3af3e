-- The queue at a glance: counts by the statuses in ARGV, then when the longest waiting one began
-- to wait, priorities and workers with their counts, and how many steps wait and run.
local counts = {}
for index, status in ipairs(ARGV) do
  counts[index] = call('ZCARD', P .. 'all:' .. status)
end
local oldest = call('ZRANGE', P .. 'queued', 0, 0, 'WITHSCORES')[2] or ''
local waiting, running = 0, 0
for _, name in ipairs(call('SMEMBERS', P .. 'steps:queues')) do
  local queue = P .. name .. ':'
  waiting = waiting + call('ZCARD', queue .. 'prioritized') + call('LLEN', queue .. 'wait')
  running = running + call('LLEN', queue .. 'active')
end
local priorities, workers = call('HGETALL', P .. 'priorities'), call('HGETALL', P .. 'workers')
return { counts, oldest, priorities, workers, waiting, running }
