-- The first ready jobs of the clients that may be next: those that the clock has passed come before
-- those ahead of it. Answers the clock, then place of the client and record, in turn.
-- ARGV: now, most running of a client
local ENOUGH, PAGE = 8, 50
local limit = tonumber(ARGV[2])
for _, member in ipairs(call('ZRANGEBYSCORE', P .. 'later', '-inf', ARGV[1], 'LIMIT', 0, 500)) do
  local id, urgency, client = string.match(member, '^(%S+) (%S+) (.*)$')
  call('ZREM', P .. 'later', member)
  call('ZADD', P .. 'waiting:' .. client, urgency, id)
  place(client)
end
local found = { call('GET', P .. 'clock') or '0' }
for _, key in ipairs({ P .. 'fresh', P .. 'ahead' }) do
  local at = 0
  repeat
    local page = call('ZRANGE', key, at, at + PAGE - 1)
    for _, client in ipairs(page) do
      if tonumber(call('HGET', P .. 'running', client) or '0') < limit then
        local head = call('ZRANGE', P .. 'waiting:' .. client, 0, 0)[1]
        found[#found + 1] = call('ZSCORE', P .. 'behind', client) or '0'
        found[#found + 1] = call('GET', P .. 'job:' .. head)
        if #found > 2 * ENOUGH then
          return found
        end
      end
    end
    at = at + PAGE
  until #page < PAGE
  if #found > 1 then
    return found
  end
end
return found
