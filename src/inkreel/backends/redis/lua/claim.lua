-- Start a job, if it is still as it was read and its client has room. Answers 1, or 0.
-- ARGV: now, id, its stamp, record, most running of a client, clock, place of its client and usual
--       wait from now on, row before …, row after …, news …
--
-- Of several that start at once each has read the same clock, and laid out the jobs of a client one
-- behind the other: the furthest of what they say is where both stand when all have started.
local now, id, record = ARGV[1], ARGV[2], ARGV[4]
local before, after = row_at(9), row_at(9 + FIELDS)
local client = before[CLIENT]
local stamp = stamp_of(id)
if stamp == string.sub(record, 1, 16) then
  return 1 -- the answer was lost, and this is the second run
end
local runs = tonumber(call('HGET', P .. 'running', client) or '0')
if stamp ~= ARGV[3] or runs >= tonumber(ARGV[5]) then
  return 0
end
call('SET', P .. 'job:' .. id, record)
call('SET', P .. 'wait', ARGV[8])
local clock = call('GET', P .. 'clock') or '0'
if tonumber(ARGV[6]) > tonumber(clock) then
  clock = ARGV[6]
  call('SET', P .. 'clock', clock)
  call('ZREMRANGEBYSCORE', P .. 'behind', '-inf', clock)
end
if tonumber(ARGV[7]) > tonumber(clock) then
  call('ZADD', P .. 'behind', 'GT', ARGV[7], client)
end
unlist(id, before)
list(id, after, now)
for _, passed in ipairs(call('ZRANGEBYSCORE', P .. 'ahead', '-inf', clock)) do
  place(passed)
end
tell(id, now, rest_from(9 + 2 * FIELDS))
notice()
return 1
