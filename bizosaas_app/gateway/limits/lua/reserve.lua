-- KEYS: buckets. ARGV, five a bucket: free attempts, first and longest delay, window, memory of an escalation.
-- Answers {microseconds to wait} with nothing changed, or {0, now, last, forget_at, ...}: what was there before.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

-- A number as redis.call takes it; Lua's own way would round 16 digits.
local function text(number)
  return string.format('%.0f', number)
end

local function read(key)
  local kept = redis.call('HMGET', key, 'failures', 'last', 'forget_at')
  local forget_at = tonumber(kept[3]) or 0
  if now >= forget_at then return {failures = 0, last = 0, forget_at = 0} end
  return {failures = tonumber(kept[1]), last = tonumber(kept[2]), forget_at = forget_at}
end

local buckets, wait = {}, 0
for index, key in ipairs(KEYS) do
  local rule = 5 * (index - 1)
  local bucket = read(key)
  bucket.free, bucket.window, bucket.memory = tonumber(ARGV[rule + 1]), tonumber(ARGV[rule + 4]), tonumber(ARGV[rule + 5])
  if bucket.failures >= bucket.free then
    local delay = math.min(tonumber(ARGV[rule + 2]) * 2 ^ (bucket.failures - bucket.free), tonumber(ARGV[rule + 3]))
    -- At most the delay itself, should the clock have been set back.
    wait = math.max(wait, math.min(bucket.last + delay - now, delay))
  end
  buckets[index] = bucket
end
if wait > 0 then return {math.ceil(wait)} end

local before = {0, text(now)}
for index, key in ipairs(KEYS) do
  local bucket = buckets[index]
  local failures, forget_at = bucket.failures + 1, bucket.forget_at
  if failures >= bucket.free then
    forget_at = math.max(forget_at, now + bucket.memory)
  elseif failures == 1 then
    forget_at = now + bucket.window
  end
  redis.call('HSET', key, 'failures', failures, 'last', text(now), 'forget_at', text(forget_at))
  redis.call('PEXPIREAT', key, math.floor(forget_at / 1000) + 1)
  table.insert(before, text(bucket.last))
  table.insert(before, text(bucket.forget_at))
end
return before
