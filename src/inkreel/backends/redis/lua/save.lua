-- Store a changed job, if it is still as it was read. Answers 1, or 0 if it is not.
-- ARGV: now, id, its stamp, record, scenes ('' leaves them), 'told' or 'quiet',
--       row before …, row after …, news …
local now, id, record = ARGV[1], ARGV[2], ARGV[4]
local stamp = stamp_of(id)
if stamp == string.sub(record, 1, 16) then
  return 1 -- the answer was lost, and this is the second run
end
if stamp ~= ARGV[3] then
  return 0
end
call('SET', P .. 'job:' .. id, record)
if ARGV[5] ~= '' then
  call('SET', P .. 'scenes:' .. id, ARGV[5])
end
local before, after = row_at(7), row_at(7 + FIELDS)
for field = 1, FIELDS do
  if before[field] ~= after[field] then
    unlist(id, before)
    list(id, after, now)
    break
  end
end
tell(id, now, rest_from(7 + 2 * FIELDS))
if ARGV[6] == 'told' then
  notice()
end
return 1
