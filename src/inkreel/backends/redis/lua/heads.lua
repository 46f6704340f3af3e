-- The first ready jobs of the clients that may be next: those that the clock has passed come before
-- those ahead of it. Answers the clock and the usual wait, then for each client its place and
-- records; more than one job in all, for those who come at once.
-- ARGV: now, most running of a client
local ENOUGH, PAGE = 8, 50
local limit = tonumber(ARGV[2])
for _, member in ipairs(call('ZRANGEBYSCORE', P .. 'later', '-inf', ARGV[1], 'LIMIT', 0, 500)) do
  local id, urgency, client = string.match(member, '^(%S+) (%S+) (.*)$')
  call('ZREM', P .. 'later', member)
  call('ZADD', P .. 'waiting:' .. client, urgency, id)
  place(client)
end

local function first_of(key)
  local clients, at, page = {}, 0, nil
  repeat
    page = call('ZRANGE', key, at, at + PAGE - 1)
    for _, client in ipairs(page) do
      if tonumber(call('HGET', P .. 'running', client) or '0') < limit then
        clients[#clients + 1] = client
        if #clients == ENOUGH then
          return clients
        end
      end
    end
    at = at + PAGE
  until #page < PAGE
  return clients
end

local clients = first_of(P .. 'fresh')
if #clients == 0 then
  clients = first_of(P .. 'ahead')
end
local found = { call('GET', P .. 'clock') or '0', call('GET', P .. 'wait') or '0' }
local each = math.ceil(ENOUGH / math.max(1, #clients))
for _, client in ipairs(clients) do
  local one = { call('ZSCORE', P .. 'behind', client) or '0' }
  local ready = call('ZRANGEBYSCORE', P .. 'waiting:' .. client, '-inf', LATER - 1, 'LIMIT', 0, each)
  for _, id in ipairs(ready) do
    one[#one + 1] = call('GET', P .. 'job:' .. id)
  end
  found[#found + 1] = one
end
return found
