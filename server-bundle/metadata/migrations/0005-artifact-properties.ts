import { sql, type QueryExecutorProvider } from 'kysely';

/**
 * Properties of files and of folders that were made by hand. A row goes with its artifact, and is renamed with it: no way of deleting
 * or moving an artifact can forget it.
 */
export async function up(db: QueryExecutorProvider): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table artifact_property (
    repository_id bigint not null,
    path text collate "C" not null,
    name text collate "C" not null,
    value text collate "C" not null,
    primary key (repository_id, path, name, value),
    foreign key (repository_id, path) references artifact on delete cascade on update cascade
  )`,
  // search by value, with and without a pattern at its end
  `create index artifact_property_value on artifact_property (name, value, repository_id)`,
];
