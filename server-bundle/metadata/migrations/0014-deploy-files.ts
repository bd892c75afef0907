import { sql, type QueryExecutorProvider } from 'kysely';

/**
 * Several plain deploys in one transaction, each with an outcome of its own: what stands in the way of one of them undoes that one alone. A commit
 * waits for the disk, and many small files wait for one together.
 *
 * No deploy waits for a lock of a path here, so none holds up the others: one that would have to is `busy`, and is made alone. Rows of blobs are met in the
 * order of their digests, as everywhere; a wait for one that lasts breaks the whole call off (55P03), and each is made alone with all its patience.
 */
export async function up(db: QueryExecutorProvider): Promise<void> {
  await sql.raw(definition).execute(db);
}

const definition = `
create function deploy_files(
  -- for each file the arguments of deploy_file by their names, in the order of the digests
  files jsonb
) returns table (outcome text, detail text) language plpgsql volatile set lock_timeout = '100ms' as $$
declare
  file record;
  got boolean;
begin
  for file in select * from jsonb_to_recordset(files) as given(
    locks bigint[], alone boolean[], of_repository bigint, of_key text, of_generation bigint, file_path text, above text[],
    found_blob bigint, new_sha256 text, new_generation text, new_size bigint, new_sha1 text, new_md5 text,
    media_type text, author text, declared_md5 text, declared_sha1 text, declared_sha256 text, file_facts jsonb,
    record_id text, record_incarnation uuid, record_status integer, record_headers jsonb, body_before text, body_after text, audit jsonb)
  loop
    got := true;
    for number in 1 .. cardinality(file.locks) loop
      got := case when file.alone[number] then pg_try_advisory_xact_lock(file.locks[number]) else pg_try_advisory_xact_lock_shared(file.locks[number]) end;
      exit when not got;
    end loop;
    if got then
      begin
        select done.outcome, done.detail into outcome, detail from deploy_file(
          '{}', '{}', file.of_repository, file.of_key, file.of_generation, file.file_path, file.above,
          file.found_blob, file.new_sha256, file.new_generation, file.new_size, file.new_sha1, file.new_md5,
          file.media_type, file.author, file.declared_md5, file.declared_sha1, file.declared_sha256, file.file_facts,
          file.record_id, file.record_incarnation, file.record_status, file.record_headers, file.body_before, file.body_after, file.audit) as done;
        if outcome <> 'done' then raise exception using errcode = 'BH001', message = 'undo this file alone'; end if;
      exception when sqlstate 'BH001' then null;
      end;
    else
      outcome := 'busy';
      detail := null;
    end if;
    return next;
  end loop;
end $$`;
