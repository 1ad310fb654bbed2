-- KEYS: session entry, user's epoch, tenant's epoch. ARGV: user epoch, tenant epoch, milliseconds to keep, data if any.
local epochs = redis.call('MGET', KEYS[2], KEYS[3])
if (epochs[1] or '') ~= ARGV[1] or (epochs[2] or '') ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'user_epoch', ARGV[1], 'tenant_epoch', ARGV[2])
if ARGV[4] then redis.call('HSET', KEYS[1], 'data', ARGV[4]) end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
