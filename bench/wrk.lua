-- What wrk sends for bench/run.py, and its results as one line of JSON.
--
--   wrk ... -s wrk.lua URL -- same                     the same request again and again
--   wrk ... -s wrk.lua URL -- unlike                   each with another Accept, so that no cache has its answer
--   wrk ... -s wrk.lua URL -- create FIRST FILE KEYS   measures from the FIRST-th on; FILE is a body with @YEAR@ and @NO@
--                                                      in it; with KEYS "keys", each has an Idempotency-Key

local threads = {}
sequence = 0

function setup(thread)
  table.insert(threads, thread)
end

-- The n-th measure that is created. Numbers up to 100 are left free: the demonstration's own are among them.
local PER_YEAR = 9899

local function create(first, file, keys)
  local handle = assert(io.open(file))
  local before, between, after = handle:read("*a"):match("^(.*)@YEAR@(.*)@NO@(.*)$")
  handle:close()
  sequence = tonumber(first)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  function request()
    local year, no = 2550 + math.floor(sequence / PER_YEAR), 101 + sequence % PER_YEAR
    if keys == "keys" then
      wrk.headers["Idempotency-Key"] = "bench-of-measures-" .. sequence
    end
    sequence = sequence + 1
    return wrk.format(nil, nil, nil, before .. year .. between .. no .. after)
  end
end

function init(args)
  if args[1] == "create" then
    create(args[2], args[3], args[4])
  elseif args[1] == "unlike" then
    local start = os.time()
    function request()
      sequence = sequence + 1
      wrk.headers["Accept"] = "application/json, x/" .. start .. "-" .. sequence
      return wrk.format()
    end
  end
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '\n{"requests": %d, "microseconds": %d, "p99": %.1f, "failed": %d, "next": %d}\n',
    summary.requests, summary.duration, latency:percentile(99), failed, threads[1]:get("sequence")
  ))
end
