-- KEYS: buckets. ARGV: '1' to clear the first bucket, the moment of the attempt, then `last` and `forget_at` from
-- before it for each bucket.
for index, key in ipairs(KEYS) do
  local failures = tonumber(redis.call('HGET', key, 'failures') or '0')
  if failures <= 1 or (index == 1 and ARGV[1] == '1') then
    redis.call('DEL', key)
  else
    redis.call('HSET', key, 'failures', failures - 1)
    -- Unless another attempt came after this one, nothing is left of it: nobody waits for somebody's success.
    if redis.call('HGET', key, 'last') == ARGV[2] and ARGV[2 * index + 2] ~= '0' then
      redis.call('HSET', key, 'last', ARGV[2 * index + 1], 'forget_at', ARGV[2 * index + 2])
      redis.call('PEXPIREAT', key, math.floor(tonumber(ARGV[2 * index + 2]) / 1000) + 1)
    end
  end
end
