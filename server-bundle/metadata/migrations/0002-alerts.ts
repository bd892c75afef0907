import { sql, type QueryExecutorProvider } from 'kysely';

/**
 * Alerts: their rules, mutes and webhooks, and what a node tells of itself with its heartbeats. Nothing that was there before is
 * changed, so nodes without it serve on.
 */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // what a node measured of itself besides its rates: filestore, disk, clock, lateness; null from a node that does not know it
  `alter table incarnation add column facts jsonb`,

  // when the master last held the rules against the facts; what nobody watched does not count towards a window
  `create table alert_evaluation (
    singleton boolean primary key default true check (singleton),
    evaluated_at timestamptz not null,
    epoch bigint not null
  )`,
  // only what somebody has changed of a rule; null is the default
  `create table alert_rule (
    rule text primary key,
    severity text check (severity in ('warning', 'bad')),
    enabled boolean,
    threshold double precision,
    raise_after_seconds integer,
    clear_after_seconds integer,
    updated_at timestamptz not null default clock_timestamp(),
    updated_by text not null
  )`,
  `create table alert (
    id uuid primary key,
    rule text not null,
    subject text not null,
    node_id text,
    severity text not null check (severity in ('warning', 'bad')),
    title text not null,
    message text not null,
    value text not null,
    threshold text not null,
    -- first sight of the condition; raised_at stays null until it has held for long enough
    since timestamptz not null,
    raised_at timestamptz,
    -- the condition is gone since then, not for long enough yet
    gone_since timestamptz,
    cleared_at timestamptz,
    acknowledged_by text,
    acknowledged_at timestamptz,
    acknowledgement text,
    -- webhooks were told; null while it is muted
    told_at timestamptz
  )`,
  `create unique index alert_one_open on alert (rule, subject) where cleared_at is null`,
  `create index alert_raised on alert (raised_at desc) where raised_at is not null`,
  `create table alert_mute (
    id uuid primary key,
    rule text,
    subject text,
    until timestamptz not null,
    reason text not null,
    created_by text not null,
    created_at timestamptz not null default clock_timestamp()
  )`,
  `create table webhook (
    id uuid primary key,
    name text not null unique,
    url text not null,
    enabled boolean not null,
    events text[] not null,
    rules text[],
    least_severity text not null check (least_severity in ('warning', 'bad')),
    -- sealed with a key derived from the cluster key
    secret text,
    secret_key_id text,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp()
  )`,
  // written in the transaction that raises, clears or acknowledges: what was committed will be told
  `create table webhook_delivery (
    id uuid primary key,
    -- order of what is told about one alert
    number bigint generated always as identity,
    webhook_id uuid not null references webhook on delete cascade,
    alert_id uuid,
    event text not null,
    message text not null,
    body text not null,
    state text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
    attempts integer not null default 0,
    created_at timestamptz not null default clock_timestamp(),
    -- of the next attempt; while one is under way: when another master may take it over
    next_at timestamptz not null default clock_timestamp(),
    give_up_at timestamptz not null,
    claimed_epoch bigint,
    ended_at timestamptz,
    status integer,
    failure text
  )`,
  `create index webhook_delivery_waiting on webhook_delivery (next_at) where state = 'waiting'`,
  `create index webhook_delivery_of on webhook_delivery (webhook_id, number)`,
];
