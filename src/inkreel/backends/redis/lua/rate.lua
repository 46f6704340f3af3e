-- Take one request from a client's allowance (GCRA; the sums are those of rates.py). Answers when
-- it was whole before. ARGV: client, now, seconds that each request takes, burst
local key = P .. 'rate:' .. ARGV[1]
local now, each = tonumber(ARGV[2]), tonumber(ARGV[3])
local full = call('GET', key) or ARGV[2]
local after = math.max(tonumber(full), now) + each
local over = after - (now + tonumber(ARGV[4]) * each)
if over <= 1e-6 then
  call('SET', key, string.format('%.17g', after), 'PX', math.ceil(math.max(1, after - now) * 1000))
end
return full
