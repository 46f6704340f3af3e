-- Records of the jobs that a worker holds. ARGV: worker
local records = {}
for index, id in ipairs(call('SMEMBERS', P .. 'held:' .. ARGV[1])) do
  records[index] = call('GET', P .. 'job:' .. id)
end
return records
