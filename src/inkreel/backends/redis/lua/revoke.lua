-- Put another key in the place of one, if it is still as it was read. ARGV: id, before, after
if call('HGET', P .. 'keys', ARGV[1]) ~= ARGV[2] then
  return 0
end
call('HSET', P .. 'keys', ARGV[1], ARGV[3])
return 1
