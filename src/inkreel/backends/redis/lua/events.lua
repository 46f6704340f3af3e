-- The events of a job after one of them, oldest first. ARGV: id, after, limit
local key, after = P .. 'events:' .. ARGV[1], tonumber(ARGV[2])
local low, high = 0, call('LLEN', key)
while low < high do
  local middle = math.floor((low + high) / 2)
  local number = tonumber(string.match(call('LINDEX', key, middle), '^%d+'))
  if number <= after then
    low = middle + 1
  else
    high = middle
  end
end
return call('LRANGE', key, low, low + tonumber(ARGV[3]) - 1)
