-- The exact sliding log. `log` is a list with the moment (microseconds of this server's clock) of every admitted
-- request still inside the window, oldest first. A list and not a sorted set: two requests of one microsecond are
-- two entries without any further naming, and an entry takes 10 bytes instead of 64.

local function moment(log, index)
  return tonumber(redis.call('LINDEX', log, index))
end

-- How many entries at the head are at or before `edge`: double the step while it holds, then halve the rest.
local function count_gone(log, held, edge)
  local low, high = 0, 1
  while high <= held and moment(log, high - 1) <= edge do
    low, high = high, high * 2
  end
  high = math.min(high - 1, held)
  while low < high do
    local middle = math.ceil((low + high) / 2)
    if moment(log, middle - 1) <= edge then low = middle else high = middle - 1 end
  end
  return low
end

-- Records one request if fewer than `limit` lie in the window, and answers {1 or 0, places left, microseconds until
-- the next place comes free}.
local function charge(log, limit, window)
  local time = redis.call('TIME')
  local now = time[1] * 1000000 + time[2]
  local held = redis.call('LLEN', log)
  local gone = count_gone(log, held, now - window)
  if gone > 0 then
    redis.call('LPOP', log, gone)
    held = held - gone
  end
  if held >= limit then
    local wait = moment(log, held - limit) + window - now
    if wait > window then
      -- The clock was set back: nobody waits for longer than one window, by which time all of this is past.
      redis.call('PEXPIRE', log, math.ceil(window / 1000), 'LT')
      wait = window
    end
    return {0, 0, wait}
  end
  -- Never before the newest: the log stays in order even when the clock is set back.
  local stamp = held > 0 and math.max(now, moment(log, -1)) or now
  redis.call('RPUSH', log, string.format('%.0f', stamp))
  -- Whole milliseconds, rounded up: the log must outlive its newest entry.
  redis.call('PEXPIREAT', log, math.floor((stamp + window) / 1000) + 1)
  return {1, limit - held - 1, moment(log, 0) + window - now}
end
