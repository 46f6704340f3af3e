-- Start a job, if it and its turn are still as they were read. Answers 1, or 0 if they are not.
-- ARGV: now, id, its stamp, record, clock and place of its client as read, most running of a
--       client, clock and place of its client from now on, row before …, row after …, news …
local now, id, record = ARGV[1], ARGV[2], ARGV[4]
local before, after = row_at(10), row_at(10 + FIELDS)
local client = before[CLIENT]
local stamp = stamp_of(id)
if stamp == string.sub(record, 1, 16) then
  return 1 -- the answer was lost, and this is the second run
end
local clock = tonumber(call('GET', P .. 'clock') or '0')
local behind = tonumber(call('ZSCORE', P .. 'behind', client) or '0')
local runs = tonumber(call('HGET', P .. 'running', client) or '0')
if
  stamp ~= ARGV[3]
  or clock ~= tonumber(ARGV[5])
  or behind ~= tonumber(ARGV[6])
  or runs >= tonumber(ARGV[7])
then
  return 0
end
call('SET', P .. 'job:' .. id, record)
call('SET', P .. 'clock', ARGV[8])
call('ZREMRANGEBYSCORE', P .. 'behind', '-inf', ARGV[8])
if tonumber(ARGV[9]) > tonumber(ARGV[8]) then
  call('ZADD', P .. 'behind', ARGV[9], client)
end
unlist(id, before)
list(id, after, now)
for _, passed in ipairs(call('ZRANGEBYSCORE', P .. 'ahead', '-inf', ARGV[8])) do
  place(passed)
end
tell(id, now, rest_from(10 + 2 * FIELDS))
notice()
return 1
