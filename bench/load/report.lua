-- prints what wrk has measured as one line of JSON
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\nRESULT {"requests":%d,"seconds":%f,"bytes":%d,"p50Ms":%f,"p99Ms":%f,"errors":%d,"refused":%d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect + e.read + e.write + e.timeout, e.status))
end
