-- GCRA (package limit, Decide) on one key, whose value is a time in
-- microseconds. Arguments: the interval in microseconds, the burst, how many
-- uses are wanted, and the time, or "" for the server's.
-- Answers how many uses were granted (0: refused), the time, and the stored time.
local interval, count, want = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local now = tonumber(ARGV[4])
if not now then
  local t = redis.call('TIME')
  now = t[1] * 1000000 + t[2]
end
local burst = interval * count
local stored = tonumber(redis.call('GET', KEYS[1]) or now)
if stored < now then
  stored = now
end
if stored + interval - now > burst then
  return {0, now, stored}
end
-- More than one use is given only out of the burst's first half, so that
-- whoever comes near the limit is counted one by one.
local ahead = math.floor((burst / 2 - (stored + interval - now)) / interval)
local granted = 1 + math.max(0, math.min(want - 1, ahead))
stored = stored + granted * interval
redis.call('SET', KEYS[1], string.format('%.0f', stored), 'PX', math.ceil((stored - now) / 1000))
return {granted, now, stored}
