-- Have a new job wait, if it is new and there is room.
-- ARGV: now, id, record, most waiting, most waiting of the client, row …, news …
local now, id, record = ARGV[1], ARGV[2], ARGV[3]
local row = row_at(6)
local there = call('GET', P .. 'job:' .. id)
if not there and row[SENT] ~= '' then
  local sent = call('HGET', P .. 'sent', row[SENT])
  there = sent and call('GET', P .. 'job:' .. sent)
end
if there then
  return there
end
local all, own = waiting(row[CLIENT])
if all >= tonumber(ARGV[4]) or own >= tonumber(ARGV[5]) then
  return { all, own }
end
call('SET', P .. 'job:' .. id, record)
list(id, row, now)
tell(id, now, rest_from(6 + FIELDS))
notice()
return record
