return charge(KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]))
