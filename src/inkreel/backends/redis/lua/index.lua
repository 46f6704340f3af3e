-- The keys of the queue, and what keeps its indexes in step with its jobs. KEYS[1] is the hash tag
-- that begins every key, so that all lie on one server of a cluster.
--
--   job:ID             string  stamp of the last write (16 bytes), then the job in JSON
--   scenes:ID          string  its scenes in JSON
--   events:ID          list    "event-id time told-in-JSON", ids ascending
--   all:STATUS         zset    ids of jobs, in order of id (all scores are 0)
--   own:STATUS:CLIENT  zset    the same, of a client
--   sent               hash    "idempotency-key client" → id
--   sweep              zset    id → when a job that does not run must be looked at
--   hooks              zset    id → when its webhook is due
--   leases             zset    id → until when its worker holds it
--   held:WORKER        set     ids of the jobs that a worker holds
--   workers            hash    worker → how many
--   running            hash    client → how many of its jobs run
--   queued             zset    id → when it began to wait, or may begin
--   priorities         hash    priority → how many wait
--   waiting:CLIENT     zset    id → urgency; LATER + time for those that may not begin yet
--   later              zset    "id urgency client" → when it may begin
--   clock              string  virtual time: the tag of the job that was started last
--   wait               string  seconds that the jobs started of late had waited
--   behind             zset    client → where its last started job ends, beyond the clock
--   fresh              zset    client with a ready job, not beyond the clock → urgency of the first
--   ahead              zset    client with a ready job, beyond the clock → where it is
--   event              string  the newest event's id: microseconds, so that none is given twice
--                              even when the last ones are lost in a failover
--   revision           string  raised at every change that somebody is told of
--   told               string  (20 ms) there while a notice stands for all further changes
--   seen, grace        string  when the queue was last looked after; (5 s) after a silence
--   keys, key-order    hash, list   API keys by id; their ids in order
--   secrets            hash    name → 32 random bytes
--   rate:CLIENT        string  (until whole) when a client's allowance is whole again
--   lock:RECIPE        string  (10 s) who is having something made outside

local P = KEYS[1] .. ':'
local LATER = 1e15
local call = redis.call

-- The fields of a row, as jobs.py gives them.
local CLIENT, STATUS, PRIORITY, QUEUED, URGENCY = 1, 2, 3, 4, 5
local SWEEP, LEASE, WORKER, HOOK, SENT = 6, 7, 8, 9, 10
local FIELDS = 10

local function row_at(index)
  if ARGV[index] == nil then
    return nil
  end
  local row = {}
  for field = 1, FIELDS do
    row[field] = ARGV[index + field - 1]
  end
  return row
end

local function rest_from(index)
  local found = {}
  for at = index, #ARGV do
    found[#found + 1] = ARGV[at]
  end
  return found
end

local function count(key, field, by)
  if call('HINCRBY', key, field, by) <= 0 then
    call('HDEL', key, field)
  end
end

-- Put a client where its next job says that it stands.
local function place(client)
  local head = call('ZRANGE', P .. 'waiting:' .. client, 0, 0, 'WITHSCORES')
  if head[1] == nil or tonumber(head[2]) >= LATER then
    call('ZREM', P .. 'fresh', client)
    call('ZREM', P .. 'ahead', client)
    return
  end
  local behind = call('ZSCORE', P .. 'behind', client)
  if behind and tonumber(behind) > tonumber(call('GET', P .. 'clock') or '0') then
    call('ZREM', P .. 'fresh', client)
    call('ZADD', P .. 'ahead', behind, client)
  else
    call('ZREM', P .. 'ahead', client)
    call('ZADD', P .. 'fresh', head[2], client)
  end
end

local function later_member(id, row)
  return id .. ' ' .. row[URGENCY] .. ' ' .. row[CLIENT]
end

local function unlist(id, row)
  local client, status = row[CLIENT], row[STATUS]
  call('ZREM', P .. 'all:' .. status, id)
  call('ZREM', P .. 'own:' .. status .. ':' .. client, id)
  call('ZREM', P .. 'sweep', id)
  call('ZREM', P .. 'hooks', id)
  if row[SENT] ~= '' then
    call('HDEL', P .. 'sent', row[SENT])
  end
  if status == 'queued' then
    call('ZREM', P .. 'queued', id)
    call('ZREM', P .. 'waiting:' .. client, id)
    call('ZREM', P .. 'later', later_member(id, row))
    count(P .. 'priorities', row[PRIORITY], -1)
    place(client)
  elseif status == 'running' then
    call('ZREM', P .. 'leases', id)
    call('SREM', P .. 'held:' .. row[WORKER], id)
    count(P .. 'workers', row[WORKER], -1)
    count(P .. 'running', client, -1)
  end
end

local function list(id, row, now)
  local client, status = row[CLIENT], row[STATUS]
  call('ZADD', P .. 'all:' .. status, 0, id)
  call('ZADD', P .. 'own:' .. status .. ':' .. client, 0, id)
  if row[HOOK] ~= '' then
    call('ZADD', P .. 'hooks', row[HOOK], id)
  end
  if row[SENT] ~= '' then
    call('HSET', P .. 'sent', row[SENT], id)
  end
  if status == 'running' then
    if row[LEASE] ~= '' then
      call('ZADD', P .. 'leases', row[LEASE], id)
    end
    call('SADD', P .. 'held:' .. row[WORKER], id)
    count(P .. 'workers', row[WORKER], 1)
    count(P .. 'running', client, 1)
    return
  end
  call('ZADD', P .. 'sweep', row[SWEEP], id)
  if status == 'queued' then
    call('ZADD', P .. 'queued', row[QUEUED], id)
    count(P .. 'priorities', row[PRIORITY], 1)
    if tonumber(row[QUEUED]) <= tonumber(now) then
      call('ZADD', P .. 'waiting:' .. client, row[URGENCY], id)
    else
      call('ZADD', P .. 'waiting:' .. client, LATER + tonumber(row[QUEUED]), id)
      call('ZADD', P .. 'later', row[QUEUED], later_member(id, row))
    end
    place(client)
  end
end

-- What is waiting, in all and of a client.
local function waiting(client)
  return call('ZCARD', P .. 'queued'), call('ZCARD', P .. 'waiting:' .. client)
end

local function stamp_of(id)
  return call('GETRANGE', P .. 'job:' .. id, 0, 15)
end

local function tell(id, now, news)
  for _, told in ipairs(news) do
    local time = call('TIME')
    local newest = tonumber(call('GET', P .. 'event') or '0')
    local number = math.max(newest + 1, time[1] * 1000000 + time[2])
    local text = string.format('%.0f', number)
    call('SET', P .. 'event', text)
    call('RPUSH', P .. 'events:' .. id, text .. ' ' .. now .. ' ' .. told)
  end
end

-- Have those who wait for a change look: at once for the first one, and again after 20 ms for all
-- that came meanwhile (`watch.py`).
local function notice()
  call('INCR', P .. 'revision')
  if call('SET', P .. 'told', '', 'NX', 'PX', 20) then
    call('PUBLISH', P .. 'news', '')
  end
end
