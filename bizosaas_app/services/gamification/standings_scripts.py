"""The Lua scripts of the standings, each atomic: a reader sees a board before or after a change, never amid one.

Keys, in this order in every script: the ranking (sorted set, member `<reached_at in hex>:<user>`, lower is
better), the members (hash: user -> member), the hidden ones (hash: user -> `<order> <member>`), and for dense ranks
the distinct scores (sorted set) and how often each stands (hash).

Each hash bears the stamp under the empty name, and each sorted set is as large as the hash beside it: so a copy that
lost any one of its keys is known by that. It is not written to either, for then the two could grow alike again.
"""

from __future__ import annotations

from typing import Final

_WHOLE = """
local ranking, members, hidden, scores, counts = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local dense = ARGV[2] == '1'
local function bears_stamp(hash) return redis.call('HGET', hash, '') == ARGV[1] end
local function fits(set, hash) return redis.call('ZCARD', set) == redis.call('HLEN', hash) - 1 end
local function is_whole()
  return bears_stamp(members) and fits(ranking, members) and bears_stamp(hidden)
    and (not dense or bears_stamp(counts) and fits(scores, counts))
end
"""

BEGIN: Final = """
-- ARGV: stamp, seconds to live. Makes a draft: an empty copy.
for _, i in ipairs({2, 3, 5}) do
  redis.call('HSET', KEYS[i], '', ARGV[1])
  redis.call('EXPIRE', KEYS[i], ARGV[2])
end
"""

APPLY: Final = (
    _WHOLE
    + """
-- ARGV: stamp, dense (0/1), expiry in ms or 0, then for each user: user, shown|hidden|gone, order, member
if not is_whole() then return 0 end
for i = 4, #ARGV, 4 do
  local user, state, order, member = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local old = redis.call('HGET', members, user)
  if old and dense then
    local score = redis.call('ZSCORE', ranking, old)
    if redis.call('HINCRBY', counts, score, -1) == 0 then
      redis.call('HDEL', counts, score)
      redis.call('ZREM', scores, score)
    end
  end
  if old and (state ~= 'shown' or old ~= member) then
    redis.call('ZREM', ranking, old)
    redis.call('HDEL', members, user)
  end
  if state == 'shown' then
    redis.call('ZADD', ranking, order, member)
    redis.call('HSET', members, user, member)
    if dense then
      local score = redis.call('ZSCORE', ranking, member)
      redis.call('HINCRBY', counts, score, 1)
      redis.call('ZADD', scores, score, score)
    end
  end
  if state == 'hidden' then
    redis.call('HSET', hidden, user, order .. ' ' .. member)
  else
    redis.call('HDEL', hidden, user)
  end
end
if ARGV[3] ~= '0' then
  for i = 1, 5 do redis.call('PEXPIREAT', KEYS[i], ARGV[3]) end
end
return 1
"""
)

PUBLISH: Final = """
-- KEYS: the five drafted keys, then the five real ones. ARGV: expiry in ms or 0
for i = 1, 5 do
  if redis.call('EXISTS', KEYS[i]) == 1 then
    redis.call('RENAME', KEYS[i], KEYS[i + 5])
    if ARGV[1] == '0' then redis.call('PERSIST', KEYS[i + 5])
    else redis.call('PEXPIREAT', KEYS[i + 5], ARGV[1]) end
  else
    redis.call('DEL', KEYS[i + 5])
  end
end
return 1
"""

READ: Final = (
    _WHOLE
    + """
-- KEYS: the five, the people (hash), the ranks of yesterday (hash with a stamp of its own). ARGV: stamp, dense (0/1),
-- yesterday's stamp or '', start, limit, user to centre on or '', then the users whose own place is wanted. Gives
-- nothing when the copy is not whole, else JSON: one text is read far faster than hundreds of small answers.
if not is_whole() then return false end
local people, before = KEYS[6], KEYS[7]
local total = redis.call('ZCARD', ranking)
local by_rank = dense and scores or ranking
local knows_before = ARGV[3] ~= '' and redis.call('HGET', before, '') == ARGV[3]
local function better(key, order) return redis.call('ZCOUNT', key, '-inf', '(' .. order) end
local function own(user)
  local member = redis.call('HGET', members, user)
  if member then return 'shown', redis.call('ZSCORE', ranking, member), member end
  local kept = redis.call('HGET', hidden, user)
  if not kept then return 'none' end
  return 'hidden', string.match(kept, '^(%S+) (%S+)$')
end
local start, limit = tonumber(ARGV[4]), tonumber(ARGV[5])
if ARGV[6] ~= '' then
  local state, order, member = own(ARGV[6])
  local at = 0
  if state == 'shown' then at = redis.call('ZRANK', ranking, member) end
  if state == 'hidden' then at = better(ranking, order) end
  start = math.max(0, math.min(at - math.floor(limit / 2), total - limit))
end
local entries, rank, names, befores = {}, 0, {}, {}
if limit > 0 then entries = redis.call('ZRANGE', ranking, start, start + limit - 1, 'WITHSCORES') end
if #entries > 0 then
  rank = better(by_rank, entries[2]) + 1
  local users = {}
  for i = 1, #entries, 2 do users[#users + 1] = string.sub(entries[i], 18) end
  names = redis.call('HMGET', people, unpack(users))
  if knows_before then befores = redis.call('HMGET', before, unpack(users)) end
end
local owns = {}
for i = 7, #ARGV do
  local user = ARGV[i]
  local state, order = own(user)
  if state == 'none' then owns[#owns + 1] = {state}
  else
    local ahead = redis.call('ZRANGE', ranking, '(' .. order, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1, 'WITHSCORES')
    local was = state == 'shown' and knows_before and redis.call('HGET', before, user)
    owns[#owns + 1] = {
      state, order, better(ranking, order), better(by_rank, order) + 1, ahead[2] or '',
      redis.call('HGET', people, user), was
    }
  end
end
return cjson.encode({total, start, rank, entries, names, owns, knows_before, befores})
"""
)
