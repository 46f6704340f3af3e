-- Records of jobs, newest first. ARGV: client or '', older than or '', limit, own or all, statuses …
local limit = tonumber(ARGV[3])
local newest = ARGV[2] == '' and '+' or '(' .. ARGV[2]
local ids = {}
for _, status in ipairs(rest_from(5)) do
  local key = ARGV[4] == 'own' and P .. 'own:' .. status .. ':' .. ARGV[1] or P .. 'all:' .. status
  for _, id in ipairs(call('ZREVRANGEBYLEX', key, newest, '-', 'LIMIT', 0, limit)) do
    ids[#ids + 1] = id
  end
end
table.sort(ids, function(one, other)
  return one > other
end)
local records = {}
for at = 1, math.min(limit, #ids) do
  records[at] = call('GET', P .. 'job:' .. ids[at])
end
return records
