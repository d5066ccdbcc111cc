"""The steps of the tracker store that Redis takes at once.

A conversation has two keys in one slot, which come and go together (while a cluster moves a slot, a script cannot have
keys of which one is missing): a hash with its length, snapshot, times and the places of its message ids, and a list
with its events. Every change gives it a higher revision, taken from the server's clock.
The indexes have a slot of their own; `SETTLE` says how they follow.
"""

from duologue.adapters.redis_node import RedisScript

_LOOK = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function look()
  local found = redis.call('HMGET', KEYS[1], 'length', 'user_id', 'started_at', 'updated_at', 'wake_at',
    'publish_from', 'revision')
  if not found[7] then found[7] = string.format('%.0f', now) end
  return found
end
local function revise()
  local last = tonumber(redis.call('HGET', KEYS[1], 'revision') or 0)
  redis.call('HSET', KEYS[1], 'revision', string.format('%.0f', math.max(last + 1, now)))
end
"""

LOOK = RedisScript(_LOOK + "return look()")
"""What the indexes have to know about a conversation."""

LOAD = RedisScript("""
-- message id, or nothing
local found = redis.call('HMGET', KEYS[1], 'length', 'snapshot', 'snapshot_length')
if not found[1] then return false end
local place = ARGV[1] and redis.call('HGET', KEYS[1], 'message ' .. ARGV[1])
return {found[2], redis.call('LRANGE', KEYS[2], found[3] or 0, -1), place or false}
""")
"""The snapshot, the events after it and the place of a message."""

APPEND = RedisScript(
    _LOOK
    + """
-- expected length, token, time of the last event, time of the first event, user, snapshot, time to wake at, whether
-- promised, seconds to live, how many message ids; then each message id and its place, then the events
local length = tonumber(redis.call('HGET', KEYS[1], 'length') or 0)
local tokens = redis.call('HGET', KEYS[1], 'tokens') or ''
-- The same append, sent again because the answer to it was lost.
if string.find(tokens, ARGV[2], 1, true) then return {0, look()} end
if length ~= tonumber(ARGV[1]) then return {1, length} end
local first = 11 + 2 * tonumber(ARGV[10])
for place = 11, first - 1, 2 do
  if redis.call('HEXISTS', KEYS[1], 'message ' .. ARGV[place]) == 1 then return {2, length} end
end
if first > #ARGV then return {0, false} end
for place = 11, first - 1, 2 do redis.call('HSET', KEYS[1], 'message ' .. ARGV[place], ARGV[place + 1]) end
for place = first, #ARGV, 1000 do
  redis.call('RPUSH', KEYS[2], unpack(ARGV, place, math.min(place + 999, #ARGV)))
end
redis.call('HSET', KEYS[1], 'length', length + #ARGV - first + 1,
  'tokens', string.sub(ARGV[2] .. tokens, 1, 4 * #ARGV[2]))
if ARGV[3] ~= '0' then redis.call('HSET', KEYS[1], 'updated_at', ARGV[3]) end
if ARGV[4] ~= '0' then redis.call('HSETNX', KEYS[1], 'started_at', ARGV[4]) end
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'user_id', ARGV[5]) end
if ARGV[6] ~= '' then
  redis.call('HSET', KEYS[1], 'snapshot', ARGV[6], 'snapshot_length', length + #ARGV - first + 1)
end
if ARGV[7] ~= '' then redis.call('HSET', KEYS[1], 'wake_at', ARGV[7]) else redis.call('HDEL', KEYS[1], 'wake_at') end
if ARGV[8] == '1' then redis.call('HSETNX', KEYS[1], 'publish_from', length) end
revise()
if ARGV[9] ~= '0' then
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[9]) end
end
return {0, look()}
"""
)
"""Append if the length is as expected and no message id is known; 1 and 2 say which of the two is not so."""

MARK = RedisScript(
    _LOOK
    + """
-- events before this one are published
local from = redis.call('HGET', KEYS[1], 'publish_from')
if not from then return false end
if tonumber(ARGV[1]) >= tonumber(redis.call('HGET', KEYS[1], 'length')) then
  redis.call('HDEL', KEYS[1], 'publish_from')
elseif tonumber(ARGV[1]) > tonumber(from) then
  redis.call('HSET', KEYS[1], 'publish_from', ARGV[1])
end
revise()
return look()
"""
)
"""Mark events as published."""

DELETE = RedisScript(
    _LOOK
    + """
-- expected length, or nothing
local length = redis.call('HGET', KEYS[1], 'length')
if ARGV[1] and length and tonumber(length) ~= tonumber(ARGV[1]) then return {1, tonumber(length)} end
if length then revise() end
local revision = look()[7]
redis.call('DEL', unpack(KEYS))
return {0, length and 1 or 0, revision}
"""
)
"""Remove a conversation."""

HINT = RedisScript("""
-- what is going to be done
redis.call('ZADD', KEYS[1], redis.call('TIME')[1], ARGV[1])
return 1
""")
"""Write down that a conversation is about to change."""

READ_HINTS = RedisScript("""
-- how many
return {redis.call('TIME')[1], redis.call('ZRANGE', KEYS[1], 0, ARGV[1] - 1, 'WITHSCORES')}
""")
"""What may have been done without the indexes knowing, the oldest first, and the server's time."""

SETTLE = RedisScript("""
-- what the key of a user's index begins with; then for each conversation: id, revision, whether it exists, user,
-- time of the last event, time to wake at, whether it has unpublished events, the hint that is done with
local entries, all, updated, due, unpublished, hints = unpack(KEYS)
for place = 2, #ARGV, 8 do
  local id, revision, exists, user, at, wake_at, is_unpublished, hint = unpack(ARGV, place, place + 7)
  local known = redis.call('HGET', entries, id)
  if tonumber(revision) >= tonumber(known and string.match(known, '^%d+') or 0) then
    local old_user = known and string.match(known, '^%d+ (.*)$')
    if old_user and (exists == '0' or old_user ~= user) then redis.call('ZREM', ARGV[1] .. old_user, id) end
    if exists == '1' then
      redis.call('HSET', entries, id, user == '' and revision or (revision .. ' ' .. user))
      redis.call('ZADD', all, 0, id)
      redis.call('ZADD', updated, at, id)
      if user ~= '' then redis.call('ZADD', ARGV[1] .. user, at, id) end
      if wake_at ~= '' then redis.call('ZADD', due, wake_at, id) else redis.call('ZREM', due, id) end
      if is_unpublished == '1' then redis.call('ZADD', unpublished, 0, id) else redis.call('ZREM', unpublished, id) end
    elseif known then
      redis.call('HDEL', entries, id)
      for _, index in ipairs({all, updated, due, unpublished}) do redis.call('ZREM', index, id) end
    end
  end
  if hint ~= '' then redis.call('ZREM', hints, hint) end
end
return 1
""")
"""Bring the indexes up to what conversations are; what is older than what they know changes nothing."""

CLAIM = RedisScript("""
-- job, time, token
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then
  local due, token = string.match(known, '^(%S+) (.*)$')
  if tonumber(due) > tonumber(ARGV[2]) then return 0 end
  if tonumber(due) == tonumber(ARGV[2]) then return token == ARGV[3] and 1 or 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
return 1
""")
"""Claim the run of a job; the same claim, sent again because the answer to it was lost, is good too."""

SCRIPTS = (LOOK, LOAD, APPEND, MARK, DELETE, HINT, READ_HINTS, SETTLE, CLAIM)
