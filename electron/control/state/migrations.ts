/** Numbered from 1, in order. Only ever expand: another shell of the previous version may have the same file open. */
export const migrations: readonly string[] = [
  `create table setting (key text primary key, value text not null) strict;

   create table cluster (
     id text primary key,
     name text not null,
     kind text not null check (kind in ('demo', 'lan')),
     -- how to reach it, as JSON; secrets are named here and kept in "secret"
     access text not null,
     added_at integer not null
   ) strict;

   create table journal_entry (
     id integer primary key autoincrement,
     at integer not null,
     cluster_id text not null,
     source text not null check (source in ('cluster', 'observed', 'operator')),
     severity text not null check (severity in ('info', 'warning', 'bad')),
     type text not null,
     node_id text,
     message text not null,
     detail text not null,
     -- the cluster's own uuid and event number: two shells that follow one cluster write each event once
     origin text,
     origin_seq integer
   ) strict;
   create index journal_entry_cluster on journal_entry (cluster_id, id);
   create unique index journal_entry_origin on journal_entry (origin, origin_seq) where origin is not null;

   create table secret (name text primary key, sealed blob not null, changed_at integer not null) strict;
   -- the data key, wrapped once for each way to open it
   create table wrapped_key (protection text primary key, wrapped blob not null) strict;`,

  `create table host (
     id text primary key,
     name text not null unique,
     address text not null,
     port integer not null,
     user text not null,
     -- how to sign in, as JSON; secrets are named here and kept in "secret"
     auth text not null,
     added_at integer not null
   ) strict;

   create table run (
     id text primary key,
     kind text not null check (kind in ('provision', 'remove')),
     cluster_id text not null,
     host_id text not null,
     node_id text not null,
     -- everything the run needs, as JSON, without secrets
     target text not null,
     state text not null check (state in ('running', 'done', 'failed', 'cancelled', 'rolling-back', 'rolled-back')),
     failure text,
     started_at integer not null,
     ended_at integer,
     -- whoever carries it out renews this; an old one says that the program is gone
     heartbeat_at integer not null
   ) strict;
   create index run_started on run (started_at);

   create table run_step (
     run_id text not null references run (id) on delete cascade,
     number integer not null,
     step text not null,
     title text not null,
     state text not null check (state in ('waiting', 'probing', 'applying', 'done', 'unchanged', 'failed', 'undoing', 'undone')),
     -- 1 from the moment before anything is applied: what may have to be undone
     touched integer not null default 0,
     started_at integer,
     ended_at integer,
     primary key (run_id, number)
   ) strict;

   create table run_command (
     id integer primary key autoincrement,
     run_id text not null references run (id) on delete cascade,
     step text not null,
     phase text not null,
     command text not null,
     -- null until it has ended
     exit_code integer,
     duration_ms integer,
     last_lines text,
     started_at integer not null
   ) strict;
   create index run_command_run on run_command (run_id, id);`,

  // other kinds of runs come; a check of a column can only be taken away with its table, and with those that refer to it
  `create table run_next (
     id text primary key,
     kind text not null,
     cluster_id text not null,
     host_id text not null,
     node_id text not null,
     target text not null,
     state text not null check (state in ('running', 'done', 'failed', 'cancelled', 'rolling-back', 'rolled-back')),
     failure text,
     started_at integer not null,
     ended_at integer,
     heartbeat_at integer not null
   ) strict;
   insert into run_next select id, kind, cluster_id, host_id, node_id, target, state, failure, started_at, ended_at, heartbeat_at from run;

   create table run_step_next (
     run_id text not null references run_next (id) on delete cascade,
     number integer not null,
     step text not null,
     title text not null,
     state text not null check (state in ('waiting', 'probing', 'applying', 'done', 'unchanged', 'failed', 'undoing', 'undone')),
     touched integer not null default 0,
     started_at integer,
     ended_at integer,
     primary key (run_id, number)
   ) strict;
   insert into run_step_next select run_id, number, step, title, state, touched, started_at, ended_at from run_step;

   create table run_command_next (
     id integer primary key autoincrement,
     run_id text not null references run_next (id) on delete cascade,
     step text not null,
     phase text not null,
     command text not null,
     exit_code integer,
     duration_ms integer,
     last_lines text,
     started_at integer not null
   ) strict;
   insert into run_command_next select id, run_id, step, phase, command, exit_code, duration_ms, last_lines, started_at from run_command;

   drop table run_command;
   drop table run_step;
   drop table run;
   alter table run_next rename to run;
   alter table run_step_next rename to run_step;
   alter table run_command_next rename to run_command;
   create index run_started on run (started_at);
   create index run_command_run on run_command (run_id, id);

   create table balancer (
     id text primary key,
     cluster_id text not null,
     host_id text not null,
     product text not null check (product in ('nginx', 'haproxy', 'apache')),
     -- as JSON
     options text not null,
     applied_at integer,
     -- what was applied last, as JSON
     applied text,
     unique (cluster_id, host_id)
   ) strict;`,

  `-- of alerts that only this app sees: their cluster cannot keep it
   create table alert_acknowledgement (
     cluster_id text not null,
     -- rule and subject
     alert text not null,
     acknowledged_by text not null,
     note text not null,
     at text not null,
     primary key (cluster_id, alert)
   ) strict;
   create table alert_mute (
     cluster_id text not null,
     id text not null,
     -- app: made here; cluster: what the cluster said last
     origin text not null check (origin in ('app', 'cluster')),
     -- as JSON
     mute text not null,
     primary key (cluster_id, id)
   ) strict;`,
];
