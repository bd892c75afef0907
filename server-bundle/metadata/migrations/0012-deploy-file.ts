import { sql, type QueryExecutorProvider } from 'kysely';

/**
 * The transaction of a plain deploy, from its locks to the record of its answer, in one call: the statements are the same as those in which every
 * other change is written, without a trip to the server for each of them. A function whose plans a session keeps also works behind a pooler, where named
 * statements do not.
 *
 * It is volatile, so each statement in it has a snapshot of its own and the ones after the locks see what was committed before they were granted.
 * A version of the bundle that needs something else makes another function: nodes of the previous one go on calling this.
 */
export async function up(db: QueryExecutorProvider): Promise<void> {
  await sql.raw(definition).execute(db);
}

const definition = `
create function deploy_file(
  -- locks, in the order in which everybody takes them, and which of them are exclusive
  locks bigint[], alone boolean[],
  of_repository bigint, of_key text, of_generation bigint, file_path text,
  -- paths that must be no files for this one to be there: the folders above it
  above text[],
  -- the live blob to refer to; null: the one that the next five describe
  found_blob bigint, new_sha256 text, new_generation text, new_size bigint, new_sha1 text, new_md5 text,
  media_type text, author text, declared_md5 text, declared_sha1 text, declared_sha256 text, file_facts jsonb,
  -- the answer; the time of creation stands between the halves of its body
  record_id text, record_incarnation uuid, record_status integer, record_headers jsonb, body_before text, body_after text,
  audit jsonb
) returns table (outcome text, detail text) language plpgsql volatile as $$
declare
  present_id bigint;
  present_generation bigint;
  conflict text;
  referred bigint;
  stamp timestamptz;
begin
  for number in 1 .. cardinality(locks) loop
    if alone[number] then perform pg_advisory_xact_lock(locks[number]);
    else perform pg_advisory_xact_lock_shared(locks[number]);
    end if;
  end loop;

  -- whoever called rolls back for every outcome but 'done'
  select id, generation into present_id, present_generation from repository where key = of_key;
  if not found then return query select 'repository-gone', null::text; return; end if;
  if present_id <> of_repository or present_generation <> of_generation then return query select 'repository-changed', null::text; return; end if;
  select path into conflict from artifact where repository_id = of_repository and path >= file_path || '/' and path < file_path || '0' limit 1;
  if not found then select path into conflict from artifact where repository_id = of_repository and path = any(above) limit 1; end if;
  if found then return query select 'path-conflict', conflict; return; end if;

  if found_blob is null then
    insert into blob (sha256, generation, size, sha1, md5) values (new_sha256, new_generation, new_size, new_sha1, new_md5)
      on conflict (sha256) where tombstoned_at is null do nothing returning id into referred;
  else
    select id into referred from blob where id = found_blob and tombstoned_at is null for share;
  end if;
  if referred is null then return query select 'blob-moved', null::text; return; end if;

  -- whole milliseconds: what is answered is what is stored
  stamp := date_trunc('milliseconds', clock_timestamp());
  insert into artifact (repository_id, path, blob_id, mime_type, created_at, created_by, modified_at, modified_by, original_md5, original_sha1, original_sha256, facts)
    values (of_repository, file_path, referred, media_type, stamp, author, stamp, author, declared_md5, declared_sha1, declared_sha256, file_facts)
    on conflict (repository_id, path) do nothing;
  if not found then return query select 'path-taken', null::text; return; end if;

  detail := to_char(stamp at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
  if audit is not null then
    insert into audit_entry (user_name, via, address, action, operation, result, request_id, node_id, repository, path, status)
      select given.* from jsonb_to_record(audit)
        as given(user_name text, via text, address text, action text, operation text, result text, request_id text, node_id text, repository text, path text, status integer);
  end if;
  insert into request_result (id, incarnation, status, headers, body)
    values (record_id, record_incarnation, record_status, record_headers, body_before || detail || body_after)
    on conflict (id) do nothing;
  outcome := case when found then 'done' else 'done-before' end;
  return next;
end $$`;
