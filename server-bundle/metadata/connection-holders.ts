import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import type { ConnectionHolder } from '../contract/index.ts';

/**
 * Client sessions of the server, by whom they belong to. A role without pg_read_all_stats sees of others only who they are and what they call
 * themselves; that is enough to count them.
 */
export async function connectionHolders(db: Reader): Promise<ConnectionHolder[]> {
  const found = await sql<ConnectionHolder>`
    select i.node_id as "nodeId", coalesce(a.usename, '') as "user",
      case when i.node_id is null then coalesce(a.application_name, '') else 'bulkhead' end as application, coalesce(a.datname, '') as database,
      case when a.backend_type is null then 'unknown' when a.client_addr is null then 'local' else host(a.client_addr) end as client,
      count(*)::int as connections, (count(*) filter (where a.state = 'idle'))::int as idle
    from pg_stat_activity a
    left join incarnation i on a.application_name like 'bulkhead:%:%' and right(a.application_name, 36) = i.id::text
    where a.backend_type = 'client backend' or (a.backend_type is null and a.usesysid is not null and a.datid is not null)
    group by 1, 2, 3, 4, 5 order by connections desc, 1, 2, 3, 4, 5`.execute(db);
  return found.rows;
}
