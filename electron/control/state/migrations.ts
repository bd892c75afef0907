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
];
