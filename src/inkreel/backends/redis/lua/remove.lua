-- Forget a job, if it is still as it was read. Answers 1, or 0 if it is not.
-- ARGV: id, its stamp, row …
local id = ARGV[1]
if stamp_of(id) ~= ARGV[2] then
  return 0
end
unlist(id, row_at(3))
call('DEL', P .. 'job:' .. id, P .. 'scenes:' .. id, P .. 'events:' .. id)
notice()
return 1
