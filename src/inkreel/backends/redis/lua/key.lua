-- Keep a new API key. ARGV: id, key
if call('HSETNX', P .. 'keys', ARGV[1], ARGV[2]) == 1 then
  call('RPUSH', P .. 'key-order', ARGV[1])
end
