-- The record of the job that was sent with an idempotency key. ARGV: "key client"
local id = call('HGET', P .. 'sent', ARGV[1])
return id and call('GET', P .. 'job:' .. id)
