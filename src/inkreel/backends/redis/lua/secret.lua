-- The secret of a name, made at the first asking. ARGV: name, fresh one
call('HSETNX', P .. 'secrets', ARGV[1], ARGV[2])
return call('HGET', P .. 'secrets', ARGV[1])
