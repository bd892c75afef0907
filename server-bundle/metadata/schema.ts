import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { AuditEntryTable, GroupMemberTable, LoginFailureTable, PermissionGrantTable, PermissionTargetTable, UserGroupTable } from './access/tables.ts';
import type {
  AlertEvaluationTable, AlertMuteTable, AlertRuleTable, AlertTable, WebhookDeliveryTable, WebhookTable,
} from './alerts/tables.ts';

/** A bigint column, read as a JavaScript number (all of ours stay below 2^53). */
type BigInt = number;
/** Filled by the database's clock unless given. */
type Stamp = ColumnType<Date, Date | undefined, Date>;

export interface ClusterTable {
  singleton: Generated<boolean>;
  id: string;
  name: string;
  created_at: Stamp;
  system_identifier: string;
  timeline: BigInt;
  collection_locked: string | null;
}
export interface SettingTable { key: string; value: unknown; updated_at: Stamp }

export interface NodeTable {
  node_id: string;
  desired: Generated<'serving' | 'draining' | 'drained' | 'stopped'>;
  drain_deadline: Date | null;
  drain_until: Date | null;
  drain_note: unknown;
  forgotten_at: Date | null;
  forgotten_by: string | null;
  first_joined_at: Stamp;
}
export interface IncarnationTable {
  id: string;
  node_id: string;
  url: string;
  version: string;
  state: Generated<'starting' | 'serving' | 'draining' | 'drained'>;
  started_at: Stamp;
  heartbeat_at: Stamp;
  gone_at: Date | null;
  gone_cause: 'left' | 'lost' | 'replaced' | 'fenced' | null;
  cleaned: Generated<boolean>;
  caching: Generated<boolean>;
  right_number: Generated<BigInt>;
  in_flight: Generated<number>;
  pool: Generated<unknown>;
  rates: unknown;
  facts: unknown;
}
export interface LeadershipTable {
  singleton: Generated<boolean>;
  epoch: BigInt;
  lease_id: string;
  incarnation: string | null;
  node_id: string | null;
  since: Stamp;
}
export interface LeadershipRenewalTable {
  singleton: Generated<boolean>;
  lease_id: string;
  renewed_at: Date;
  released: Generated<boolean>;
  released_to: string | null;
}
export interface EpochHistoryTable {
  epoch: BigInt;
  node_id: string;
  incarnation: string;
  previous_node_id: string | null;
  cause: 'first' | 'hand-over' | 'fail-over' | 'expired';
  since: Date;
  ended_at: Date | null;
  gap_ms: number | null;
}
export interface ConnectionGrantTable {
  incarnation: string;
  node_id: string;
  pool: number;
  target: number;
  control: number;
  minimum: number;
  wanted: number;
  updated_at: Stamp;
}
export interface EventTable {
  seq: BigInt;
  at: Stamp;
  type: string;
  node_id: string | null;
  message: string;
  detail: Generated<unknown>;
}
export interface EventSequenceTable { singleton: Generated<boolean>; last: BigInt }

export interface RepositoryTable {
  id: GeneratedAlways<BigInt>;
  key: string;
  rclass: string;
  package_type: string;
  layout: string;
  description: Generated<string>;
  config: Generated<unknown>;
  generation: Generated<BigInt>;
  created_at: Stamp;
  created_by: string;
}
export interface BlobTable {
  id: GeneratedAlways<BigInt>;
  sha256: string;
  generation: string;
  size: BigInt;
  sha1: string;
  md5: string;
  sha512: string | null;
  created_at: Stamp;
  tombstoned_at: Date | null;
}
export interface ArtifactTable {
  repository_id: BigInt;
  path: string;
  blob_id: BigInt | null;
  mime_type: string;
  created_at: Stamp;
  created_by: string;
  modified_at: Stamp;
  modified_by: string;
  original_md5: string | null;
  original_sha1: string | null;
  original_sha256: string | null;
  facts: unknown;
}
export interface ArtifactPropertyTable { repository_id: BigInt; path: string; name: string; value: string }
export interface UpstreamEntryTable {
  repository_id: BigInt;
  path: string;
  kind: 'document' | 'file';
  etag: string | null;
  last_modified: string | null;
  checked_at: Stamp;
  missing_until: Date | null;
}
export interface UpstreamClaimTable {
  repository_id: BigInt;
  path: string;
  incarnation: string;
  token: string;
  started_at: Stamp;
  renewed_at: Stamp;
}
export interface NpmDistTagTable { repository_id: BigInt; package: string; tag: string; version: string; updated_at: Stamp }
export interface BuildInfoTable { name: string; number: string; started_at: Date; info: string; published_by: string; published_at: Stamp }
export interface CollectionCandidateTable { blob_id: BigInt; since: Stamp }
export interface RequestResultTable {
  id: string;
  incarnation: string;
  status: number;
  headers: Generated<unknown>;
  body: string | null;
  created_at: Stamp;
}
export interface UserAccountTable {
  name: string;
  password: string | null;
  email: Generated<string>;
  role: 'admin' | 'deployer' | 'reader' | 'user';
  disabled: Generated<boolean>;
  locked_until: Date | null;
  created_at: Stamp;
  updated_at: Stamp;
}
export interface AccessTokenTable {
  id: string;
  user_name: string;
  hash: string;
  description: Generated<string>;
  created_at: Stamp;
  expires_at: Date | null;
  last_used_on: Date | null;
  scope: string | null;
  subject: string | null;
  kind: Generated<'access' | 'api-key'>;
  refresh_hash: string | null;
  lifetime_seconds: BigInt | null;
}
export interface TaskRunTable {
  id: string;
  kind: string;
  slot: Date | null;
  epoch: BigInt | null;
  requested_by: string;
  arguments: Generated<unknown>;
  state: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
  cancel_requested: Generated<boolean>;
  progress: Generated<unknown>;
  report: unknown;
  created_at: Stamp;
  started_at: Date | null;
  finished_at: Date | null;
}

export interface OciUploadTable {
  id: string;
  repository_id: BigInt;
  name: string;
  received: Generated<BigInt>;
  created_by: string;
  created_at: Stamp;
  touched_at: Stamp;
}
export interface OciUploadPieceTable { upload_id: string; position: BigInt; size: BigInt; file: string }
export interface OciBlobUseTable { repository_id: BigInt; path: string; used_at: Stamp }

export interface ArtifactDownloadTable { repository_id: BigInt; path: string; downloads: BigInt; last_at: Date; last_by: string }

/** The metadata database as kysely sees it. Only `server-bundle/metadata` speaks SQL. */
export interface Database {
  cluster: ClusterTable;
  setting: SettingTable;
  node: NodeTable;
  incarnation: IncarnationTable;
  leadership: LeadershipTable;
  leadership_renewal: LeadershipRenewalTable;
  epoch_history: EpochHistoryTable;
  connection_grant: ConnectionGrantTable;
  event: EventTable;
  event_sequence: EventSequenceTable;
  repository: RepositoryTable;
  blob: BlobTable;
  artifact: ArtifactTable;
  artifact_property: ArtifactPropertyTable;
  artifact_download: ArtifactDownloadTable;
  npm_dist_tag: NpmDistTagTable;
  build_info: BuildInfoTable;
  collection_candidate: CollectionCandidateTable;
  upstream_entry: UpstreamEntryTable;
  upstream_claim: UpstreamClaimTable;
  request_result: RequestResultTable;
  user_account: UserAccountTable;
  access_token: AccessTokenTable;
  user_group: UserGroupTable;
  group_member: GroupMemberTable;
  permission_target: PermissionTargetTable;
  permission_grant: PermissionGrantTable;
  login_failure: LoginFailureTable;
  audit_entry: AuditEntryTable;
  task_run: TaskRunTable;
  alert_evaluation: AlertEvaluationTable;
  alert_rule: AlertRuleTable;
  alert: AlertTable;
  alert_mute: AlertMuteTable;
  webhook: WebhookTable;
  webhook_delivery: WebhookDeliveryTable;
  oci_upload: OciUploadTable;
  oci_upload_piece: OciUploadPieceTable;
  oci_blob_use: OciBlobUseTable;
}
