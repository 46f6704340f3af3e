-- Records of jobs that must be looked at, those of dead workers first. ARGV: now, limit
--
-- A lease that ran out while nobody could reach the queue says nothing about its worker: after a
-- silence, workers are given a while to prolong theirs.
local SILENCE, GRACE = 3, 5000
local limit = tonumber(ARGV[2])
local time = call('TIME')
local here = time[1] + time[2] / 1000000
local seen = call('GET', P .. 'seen')
call('SET', P .. 'seen', here)
if seen and here - tonumber(seen) > SILENCE then
  call('SET', P .. 'grace', '', 'PX', GRACE)
end

local ids, met = {}, {}
local function take(found)
  for _, id in ipairs(found) do
    if #ids < limit and not met[id] then
      met[id] = true
      ids[#ids + 1] = id
    end
  end
end

if call('EXISTS', P .. 'grace') == 0 then
  take(call('ZRANGEBYSCORE', P .. 'leases', '-inf', ARGV[1], 'LIMIT', 0, limit))
end
local others, at = {}, {}
for _, key in ipairs({ P .. 'hooks', P .. 'sweep' }) do
  local found = call('ZRANGEBYSCORE', key, '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, limit)
  for index = 1, #found, 2 do
    local id, score = found[index], tonumber(found[index + 1])
    if at[id] == nil then
      others[#others + 1] = id
    end
    at[id] = math.min(at[id] or score, score)
  end
end
table.sort(others, function(one, other)
  return at[one] < at[other]
end)
take(others)
local records = {}
for index, id in ipairs(ids) do
  records[index] = call('GET', P .. 'job:' .. id)
end
return records
