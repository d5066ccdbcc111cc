"""The steps of the lock that Redis takes at once.

A ticket is `<process>.<number>`. The queue of a conversation is a sorted set of tickets by number; beside it a hash
says when each ticket lapses (in milliseconds of the server's clock) and which number was given last. Numbers come from
the server's clock and grow always, even if the server forgets everything.
"""

from duologue.adapters.redis_node import RedisScript

_DROP_LAPSED = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function drop_lapsed(head)
  local dropped = false
  while head and head ~= ARGV[1] do
    local lapse = tonumber(redis.call('HGET', KEYS[2], head) or 0)
    if lapse > now then break end
    redis.call('ZREM', KEYS[1], head)
    redis.call('HDEL', KEYS[2], head)
    dropped = true
    head = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
  end
  return head, dropped
end
local function wake(head, channel)
  local number = string.format('%.0f', tonumber(redis.call('ZSCORE', KEYS[1], head)))
  -- A user who may not publish only makes the others find out a little later.
  redis.pcall('PUBLISH', channel .. string.match(head, '^[^.]+'), head .. ' ' .. number)
end
local head = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
"""

TAKE = RedisScript(
    _DROP_LAPSED
    + """
-- ticket, channel, milliseconds that a waiter's ticket and a holder's ticket live and that numbers are kept,
-- number to begin above
local dropped
head, dropped = drop_lapsed(head)
local number = redis.call('ZSCORE', KEYS[1], ARGV[1])
local was_there = number and 1 or 0
if number then
  number = string.format('%.0f', tonumber(number))
else
  local last = tonumber(redis.call('HGET', KEYS[2], 'last') or 0)
  number = math.max(last + 1, time[1] * 1000000 + time[2], tonumber(ARGV[6]) + 1)
  number = string.format('%.0f', number)
  redis.call('ZADD', KEYS[1], number, ARGV[1])
  redis.call('HSET', KEYS[2], 'last', number)
  head = head or ARGV[1]
end
local is_head = head == ARGV[1]
redis.call('HSET', KEYS[2], ARGV[1], string.format('%.0f', now + (is_head and ARGV[4] or ARGV[3])))
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
if dropped and not is_head then wake(head, ARGV[2]) end
return {number, is_head and 1 or 0, was_there}
"""
)
"""Take a ticket, or show that the one we have is still wanted; says its number and whether it is the first."""

RELEASE = RedisScript(
    _DROP_LAPSED
    + """
-- ticket, channel, process, milliseconds that a holder's ticket lives
local was_head = head == ARGV[1]
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
if was_head then head = redis.call('ZRANGE', KEYS[1], 0, 0)[1] end
local dropped
head, dropped = drop_lapsed(head)
if not head or not (was_head or dropped) then return {} end
if string.match(head, '^[^.]+') == ARGV[3] then
  redis.call('HSET', KEYS[2], head, string.format('%.0f', now + ARGV[4]))
  return {head, string.format('%.0f', tonumber(redis.call('ZSCORE', KEYS[1], head)))}
end
wake(head, ARGV[2])
return {}
"""
)
"""Give a ticket back; tells the next in line, and says so if that is a ticket of the same process."""

SCRIPTS = (TAKE, RELEASE)
