-- KEYS: quota log. ARGV: window. Answers {places used, microseconds until the first, until the last of them is free}.
local time = redis.call('TIME')
local now, window = time[1] * 1000000 + time[2], tonumber(ARGV[1])
local held = redis.call('LLEN', KEYS[1])
local gone = count_gone(KEYS[1], held, now - window)
if held == gone then return {0, 0, 0} end
return {held - gone, moment(KEYS[1], gone) + window - now, moment(KEYS[1], -1) + window - now}
