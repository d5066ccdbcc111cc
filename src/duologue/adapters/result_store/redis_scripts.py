"""The steps of a remembered call that Redis takes at once; each may be taken twice without harm.

A call is a hash of `fence`, `until`, `holder` and, once it is done, `result`. Fences come from the server's clock and
grow always; a hash outlives its lease for some time so that this holds even if the clock is set back.
"""

from duologue.adapters.redis_node import RedisScript

CLAIM = RedisScript(
    """
-- now, end of the lease, who claims, milliseconds that the hash lives
local row = redis.call('HMGET', KEYS[1], 'fence', 'until', 'holder', 'result')
if row[2] and tonumber(row[2]) > tonumber(ARGV[1]) then
  if row[4] then return {2, row[4]} end
  if row[3] == ARGV[3] then return {1, row[1]} end
  return {0, row[2]}
end
local time = redis.call('TIME')
local fence = math.max(tonumber(row[1] or 0) + 1, time[1] * 1000000 + time[2])
fence = string.format('%.0f', fence)
redis.call('HDEL', KEYS[1], 'result')
redis.call('HSET', KEYS[1], 'fence', fence, 'until', ARGV[2], 'holder', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return {1, fence}
"""
)
"""Says 0 and until when another one has the call, 1 and the fence of who claims, or 2 and the result."""

RENEW = RedisScript(
    """
-- fence, end of the lease, milliseconds that the hash lives
local row = redis.call('HMGET', KEYS[1], 'fence', 'until', 'result')
if row[1] ~= ARGV[1] or not row[2] or row[3] then return 0 end
redis.call('HSET', KEYS[1], 'until', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""
)

FINISH = RedisScript(
    """
-- fence, end of the time that it is kept, milliseconds that the hash lives, result
local row = redis.call('HMGET', KEYS[1], 'fence', 'until', 'result')
if row[1] ~= ARGV[1] or not row[2] then return 0 end
if row[3] and row[3] ~= ARGV[4] then return 0 end
redis.call('HSET', KEYS[1], 'until', ARGV[2], 'result', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""
)

RELEASE = RedisScript(
    """
-- fence
local row = redis.call('HMGET', KEYS[1], 'fence', 'result')
if row[1] ~= ARGV[1] or row[2] then return 0 end
redis.call('HDEL', KEYS[1], 'until', 'holder')
return 1
"""
)

SCRIPTS = (CLAIM, RENEW, FINISH, RELEASE)
