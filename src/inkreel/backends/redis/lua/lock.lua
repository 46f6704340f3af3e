-- Hold a lock, or go on holding it. ARGV: name, holder, milliseconds. Answers whether it is held.
local key = P .. 'lock:' .. ARGV[1]
local holder = call('GET', key)
if holder and holder ~= ARGV[2] then
  return 0
end
call('SET', key, ARGV[2], 'PX', ARGV[3])
return 1
