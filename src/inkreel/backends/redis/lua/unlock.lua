-- Let go of a lock, if it is still held. ARGV: name, holder
local key = P .. 'lock:' .. ARGV[1]
if call('GET', key) == ARGV[2] then
  call('DEL', key)
end
