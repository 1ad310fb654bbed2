-- KEYS: session entry, user's epoch, tenant's epoch, quota log. ARGV: limit ('' charges nothing), window.
local entry = redis.call('HMGET', KEYS[1], 'data', 'user_epoch', 'tenant_epoch')
local epochs = redis.call('MGET', KEYS[2], KEYS[3])
local user_epoch, tenant_epoch = epochs[1] or '', epochs[2] or ''
if entry[2] ~= user_epoch or entry[3] ~= tenant_epoch then return {'reload', user_epoch, tenant_epoch} end
-- Stored without data: under these epochs the database knows no such session alive.
if not entry[1] then return {'revoked'} end
if ARGV[1] == '' then return {'ok', entry[1]} end
local decision = charge(KEYS[4], tonumber(ARGV[1]), tonumber(ARGV[2]))
return {decision[1] == 1 and 'ok' or 'limited', entry[1], decision[1], decision[2], decision[3]}
