/**
 * Numbers chosen so that the budget can be seen at work on one machine: 60 − 3 (superuser) − 5 (kept for others) and a
 * few slots for starting nodes leave about 50. Four nodes get all they want (10 and their control connections), three
 * more fit by shrinking pools to the minimum, an eighth is refused.
 */
export const demoSizing = {
  maxConnections: 60,
  poolMin: 5,
  poolMax: 10,
  keepForOthers: 5,
} as const;

/** Settings of the demo's PostgreSQL besides the connections: small, but as durable as a real one. */
export const databaseSettings = {
  max_connections: demoSizing.maxConnections,
  shared_buffers: '64MB',
  max_wal_size: '512MB',
  log_line_prefix: '%m [%p] %a ',
  log_timezone: 'UTC',
} as const;

/** What the data folder needs for a first start, bytes. */
export const neededDiskBytes = 300 * 1024 * 1024;
