-- How many jobs wait, in all and of a client. ARGV: client
local all, own = waiting(ARGV[1])
return { all, own }
