/**
 * The one registry of error codes. Node, control room and CLI answer with these and with no others.
 * A code never changes its meaning; a new situation gets a new code. Artifactory's, npm's and OCI's
 * error shapes are mappings of an entry, made at the edge (`server-bundle/http`).
 *
 * `status` is the HTTP status where the error crosses HTTP; `hint` says what the reader can do next.
 */
export interface ErrorCodeEntry {
  readonly status: number;
  readonly message: string;
  readonly hint: string;
}

export const errorCodes = {
  // --- what a client sent
  PATH_INVALID: { status: 400, message: 'The path is not valid', hint: 'Use non-empty segments without "..", control characters, backslashes or encoded slashes.' },
  PATH_TOO_LONG: { status: 414, message: 'The path is too long', hint: 'Keep the path below 1024 bytes and each segment below 255 bytes.' },
  BODY_INVALID: { status: 400, message: 'The request body is not valid', hint: 'See "details" for the field and the reason.' },
  BODY_TOO_LARGE: { status: 413, message: 'The request body is too large', hint: 'Send less, or raise the limit in the node configuration.' },
  BODY_TRUNCATED: { status: 400, message: 'The body ended before its declared length', hint: 'Send the request again.' },
  HEADER_INVALID: { status: 400, message: 'A request header is not valid', hint: 'See "details" for the header.' },
  PARAMETER_INVALID: { status: 400, message: 'A request parameter is not valid', hint: 'See "details" for the parameter.' },
  REQUEST_INVALID: { status: 400, message: 'The request is not valid HTTP', hint: 'Check request line, headers and body framing.' },
  REQUEST_TIMEOUT: { status: 408, message: 'The request was not sent in time', hint: 'Send the request again, without long pauses.' },
  HEADERS_TOO_LARGE: { status: 431, message: 'The request headers are too large', hint: 'Keep all headers together below 32 KiB.' },
  EXPECTATION_FAILED: { status: 417, message: 'The expectation in the request cannot be met', hint: 'Use "Expect: 100-continue" or none.' },
  MEDIA_TYPE_UNSUPPORTED: { status: 415, message: 'The media type of the body is not understood here', hint: 'Send application/json.' },
  METHOD_NOT_ALLOWED: { status: 405, message: 'The method is not allowed here', hint: 'See the Allow header for the methods that are.' },
  NOT_ACCEPTABLE: { status: 406, message: 'What is here cannot be written the way the Accept header asks for', hint: 'Send another Accept header, or none.' },
  RANGE_NOT_SATISFIABLE: { status: 416, message: 'The requested range lies outside the artifact', hint: 'Ask for a range within the size in Content-Range.' },
  PRECONDITION_FAILED: { status: 412, message: 'A precondition of the request does not hold', hint: 'Fetch the artifact again and decide anew.' },
  CHECKSUM_INVALID: { status: 400, message: 'A declared checksum is not well-formed', hint: 'Send lower-case hexadecimal of the right length.' },
  CHECKSUM_MISMATCH: { status: 409, message: 'The received bytes do not have the declared checksum', hint: 'Nothing was stored. Check the file and send it again.' },
  CHECKSUM_UNKNOWN: { status: 404, message: 'No content with this checksum is stored', hint: 'Deploy with the body.' },

  PROPERTY_INVALID: { status: 400, message: 'A property is not valid', hint: 'Names begin with a letter, hold none of )(}{][*+^$\\/~`!@#%&<>;=,±§ nor spaces, and have 255 bytes at most; values have 1024 bytes at most. Write k=v1,v2|k2=v3, with a backslash before , | ; = and \\ in values.' },

  // --- what is not there or may not be
  ROUTE_NOT_FOUND: { status: 404, message: 'There is nothing at this address', hint: 'Check the path; artifacts live under /artifactory/{repository}/{path}.' },
  REPOSITORY_NOT_FOUND: { status: 404, message: 'The repository does not exist', hint: 'List repositories with GET /artifactory/api/repositories.' },
  REPOSITORY_EXISTS: { status: 409, message: 'A repository with this key exists already', hint: 'Choose another key, or update the existing one.' },
  REPOSITORY_KEY_INVALID: { status: 400, message: 'The repository key is not valid', hint: 'Use 1 to 64 of a-z, A-Z, 0-9, ".", "_" and "-", beginning with a letter or digit; not api, v2, ui, list, webapp, access or auto-trashcan.' },
  ARTIFACT_NOT_FOUND: { status: 404, message: 'The artifact does not exist', hint: 'Check repository and path.' },
  PROPERTIES_NOT_FOUND: { status: 404, message: 'No properties could be found', hint: 'Set some with PUT /artifactory/api/storage/{repository}/{path}?properties=name=value.' },
  ARTIFACT_EXISTS: { status: 409, message: 'There is an artifact already', hint: 'What was published stays as it is: choose another version or path.' },
  PACKAGE_INVALID: { status: 400, message: 'The package is not valid', hint: 'See "details"; build the package again with its own tool.' },
  UPSTREAM_INVALID: { status: 502, message: 'The upstream repository answered with something else than was asked for', hint: 'Check the address of the remote repository and the upstream itself.' },
  PATH_CONFLICT: { status: 409, message: 'A file stands where a folder is needed, or the other way round', hint: 'Choose another path, or delete what is there.' },
  LAYOUT_VIOLATION: { status: 409, message: 'The repository does not take this path', hint: 'Check the version policy of the repository (releases or snapshots) and its layout.' },
  BLOB_MISSING: { status: 500, message: 'The stored bytes of this artifact cannot be found', hint: 'Deploying the same bytes again heals it; check that the filestore is mounted.' },

  // --- images (codes of the OCI distribution specification)
  NAME_INVALID: { status: 400, message: 'The name is not valid', hint: 'Use lower-case components of a-z, 0-9, ".", "_" and "-", separated by "/".' },
  NAME_UNKNOWN: { status: 404, message: 'The registry knows nothing of this name', hint: 'Check repository and name; in /v2/{repository}/{name} the repository key comes first.' },
  DIGEST_INVALID: { status: 400, message: 'The digest is not valid, or the content has another one', hint: 'Send sha256 or sha512 in lower-case hexadecimal; nothing was stored.' },
  SIZE_INVALID: { status: 400, message: 'The content does not have the declared size', hint: 'Send exactly as many bytes as Content-Length and Content-Range say.' },
  BLOB_UNKNOWN: { status: 404, message: 'There is no blob with this digest under this name', hint: 'Push the blob first.' },
  BLOB_UPLOAD_UNKNOWN: { status: 404, message: 'There is no such upload', hint: 'It was finished, cancelled or expired: begin anew.' },
  BLOB_UPLOAD_RANGE: { status: 416, message: 'The chunk does not continue the upload', hint: 'Go on behind the bytes in the Range header.' },
  UPLOADS_EXHAUSTED: { status: 429, message: 'Too many uploads are under way', hint: 'Finish or cancel some, or wait until unfinished ones expire.' },
  MANIFEST_INVALID: { status: 400, message: 'The manifest is not valid', hint: 'See "details" for the fields.' },
  MANIFEST_UNKNOWN: { status: 404, message: 'There is no manifest with this tag or digest', hint: 'List the tags, or push it.' },
  MANIFEST_BLOB_UNKNOWN: { status: 404, message: 'The manifest names content that is not there', hint: 'Push the blobs and manifests in "details" under the same name first.' },
  MANIFEST_TOO_LARGE: { status: 413, message: 'The manifest is too large', hint: 'Put large content into a blob, or raise oci.maxManifestBytes.' },
  DELETE_DISABLED: { status: 405, message: 'This repository does not let registry clients delete', hint: 'Switch allowDeletes on in its configuration.' },

  // --- who asks
  AUTHENTICATION_REQUIRED: { status: 401, message: 'Authentication is required', hint: 'Send a user name and password, or an access token.' },
  CREDENTIALS_INVALID: { status: 401, message: 'The credentials are not valid', hint: 'Check user name, password or token.' },
  LOGIN_THROTTLED: { status: 429, message: 'Too many failed logins', hint: 'Wait for the time in Retry-After.' },
  FORBIDDEN: { status: 403, message: 'This user may not do that', hint: 'Ask an administrator for the right.' },
  USER_NOT_FOUND: { status: 404, message: 'The user does not exist', hint: 'List users with GET /artifactory/api/security/users.' },
  USER_EXISTS: { status: 409, message: 'A user with this name exists already', hint: 'Choose another name, or update the existing one.' },
  TOKEN_NOT_FOUND: { status: 404, message: 'The token does not exist', hint: 'List tokens with GET /artifactory/api/security/token.' },
  LAST_ADMIN: { status: 409, message: 'The last administrator cannot be removed', hint: 'Make another user an administrator first.' },
  ADMIN_EXISTS: { status: 409, message: 'The cluster has an administrator already', hint: 'Use "bulkhead-node reset-admin" on a host to set a new password.' },

  // --- the node and its cluster
  NOT_SERVING: { status: 503, message: 'This node is not serving', hint: 'Send the request to another node, or again after Retry-After.' },
  DRAINING: { status: 503, message: 'This node is draining', hint: 'Send the request to another node.' },
  DATABASE_UNAVAILABLE: { status: 503, message: 'The metadata database cannot be reached', hint: 'The node recovers by itself as soon as the database is back.' },
  FILESTORE_UNAVAILABLE: { status: 503, message: 'The filestore cannot be used', hint: 'Check that the share is mounted and that its cluster marker is there.' },
  FILESTORE_FULL: { status: 507, message: 'The filestore has no room left', hint: 'Free space on the filestore; nothing of this request was stored.' },
  FILESTORE_FOREIGN: { status: 500, message: 'The filestore belongs to another cluster', hint: 'Mount the right share.' },
  OVERLOADED: { status: 429, message: 'The node is at its capacity', hint: 'Send the request again after Retry-After.' },
  OUTCOME_UNKNOWN: { status: 503, message: 'The connection to the database broke while the change was being committed', hint: 'Look whether the change is there before you send it again.' },
  NO_MASTER: { status: 503, message: 'The cluster has no master at this moment', hint: 'Try again in a second.' },
  NOT_MASTER: { status: 409, message: 'This node is not the master any more', hint: 'The new master does the work.' },
  HANDOVER_FAILED: { status: 409, message: 'The mastership could not be handed over', hint: 'Name a node that is serving.' },
  NODE_NOT_FOUND: { status: 404, message: 'The cluster has no node with this id', hint: 'See GET /artifactory/api/v1/cluster.' },
  NODE_ID_IN_USE: { status: 409, message: 'Another live node has this id', hint: 'Give each node an id of its own.' },
  NODE_FORGOTTEN: { status: 403, message: 'This node was forgotten by its cluster and may not come back by itself', hint: 'Provision its host again to let it in, or remove it from the host.' },
  NODE_SERVES: { status: 409, message: 'The node is still alive', hint: 'Drain and remove it, or make sure that its host is gone for good.' },
  UPGRADE_RUNNING: { status: 409, message: 'An upgrade of this cluster is under way', hint: 'Resume it, roll it back, or wait for its end; see "bulkhead run list".' },
  UPGRADE_TAKEN_OVER: { status: 409, message: 'Somebody else carries this upgrade out now', hint: 'Watch how it goes on; see "details" for who it is.' },
  UPGRADE_REFUSED: { status: 409, message: 'The upgrade is not possible as planned', hint: 'See the checks of the plan.' },
  CAPACITY_TOO_SMALL: { status: 409, message: 'No node would be left to serve', hint: 'Take a smaller batch, or add a node first.' },
  RELEASE_NOT_THERE: { status: 409, message: 'This release is not on every host', hint: 'Choose one of the releases that the plan lists as usable.' },
  CONNECTION_BUDGET_EXHAUSTED: { status: 409, message: 'The database connection budget has no room for this node', hint: 'See "details" for the arithmetic; raise max_connections, or lower the pools.' },
  VERSION_UNSUPPORTED: { status: 409, message: 'This version cannot work with this database schema', hint: 'Use the version that the cluster runs, or one minor version beside it.' },
  DATABASE_UNSUPPORTED: { status: 500, message: 'The database cannot be used', hint: 'PostgreSQL 14 or newer with UTF-8 encoding is needed.' },
  COLLECTION_LOCKED: { status: 409, message: 'Collection is locked', hint: 'The database went back in time or changed its identity: verify, then confirm.' },
  TASK_RUNNING: { status: 409, message: 'A run of this task is under way', hint: 'Follow it under its id, or cancel it.' },
  TASK_NOT_FOUND: { status: 404, message: 'There is no task run with this id', hint: 'List runs with GET /artifactory/api/v1/tasks.' },
  CONFIG_INVALID: { status: 400, message: 'The configuration is not valid', hint: 'See "details": each entry names its path and what is wrong with it.' },
  NO_BACKEND: { status: 503, message: 'No node can take the request at this moment', hint: 'Try again in a second.' },
  BACKEND_FAILED: { status: 502, message: 'The node failed while it answered', hint: 'Look whether the change is there before you send it again.' },
  INTERNAL: { status: 500, message: 'Something went wrong inside', hint: 'The log has the details under the request id.' },

  // --- alerts
  ALERT_NOT_FOUND: { status: 404, message: 'There is no alert with this id', hint: 'List alerts with GET /artifactory/api/v1/cluster/alerts.' },
  ALERT_CLEARED: { status: 409, message: 'The alert is over', hint: 'Look at the open ones.' },
  ALERT_RULE_NOT_FOUND: { status: 404, message: 'There is no alert rule with this name', hint: 'List rules with GET /artifactory/api/v1/cluster/alerts/rules.' },
  ALERT_MUTE_NOT_FOUND: { status: 404, message: 'There is no mute with this id', hint: 'It may have ended. List mutes with GET /artifactory/api/v1/cluster/alerts/mutes.' },
  WEBHOOK_NOT_FOUND: { status: 404, message: 'There is no webhook with this id', hint: 'List webhooks with GET /artifactory/api/v1/cluster/alerts/webhooks.' },
  WEBHOOK_ADDRESS_REFUSED: { status: 400, message: 'Webhooks are not sent to this address', hint: 'Loopback, link-local and multicast addresses are refused; the node configuration can allow them (alerts.allowAddresses).' },
  DELIVERY_NOT_FOUND: { status: 404, message: 'There is no delivery with this id', hint: 'List deliveries with GET /artifactory/api/v1/cluster/alerts/deliveries.' },

  // --- the control room
  ARGUMENT_INVALID: { status: 400, message: 'An argument is not valid', hint: 'See "details" for the argument and the reason.' },
  METHOD_UNKNOWN: { status: 404, message: 'The control room has no such call', hint: 'Screen and control room are of different versions: restart the app.' },
  CONTROL_ROOM_LOST: { status: 503, message: 'The connection to the control room is lost', hint: 'It is being restored. What was under way may have happened: look before you do it again.' },
  CANCELLED: { status: 499, message: 'Cancelled', hint: 'Nothing more is done; start it again when you like.' },
  CLUSTER_NOT_FOUND: { status: 404, message: 'There is no cluster with this id', hint: 'List clusters with "bulkhead cluster list".' },
  CLUSTER_UNREACHABLE: { status: 503, message: 'No node of the cluster answers', hint: 'Start a node, or check the network.' },
  DEMO_NOT_RUNNING: { status: 409, message: 'The demo cluster is not running', hint: 'Start it first.' },
  DEMO_RUNNING: { status: 409, message: 'The demo cluster is running already', hint: 'Stop it first, or use the running one.' },
  DEMO_START_FAILED: { status: 500, message: 'The demo cluster did not start', hint: 'See "details" for the step and the last lines of its log.' },
  DEMO_NODE_STATE: { status: 409, message: 'The node is not in a state for that', hint: 'See "details" for the state that it is in.' },
  NOT_SUPPORTED: { status: 501, message: 'This cannot be done here', hint: 'See "details".' },
  CONFIRMATION_NEEDED: { status: 409, message: 'This needs to be confirmed', hint: 'Repeat it with the name of the cluster as the confirmation.' },
  DATA_IN_USE: { status: 409, message: 'Another process uses this data folder', hint: 'Stop it, or choose another folder.' },
  PORT_IN_USE: { status: 409, message: 'The port is taken', hint: 'Stop what listens there, or choose another port.' },
  PLATFORM_UNSUPPORTED: { status: 501, message: 'This platform cannot do that', hint: 'See "details".' },
  BINARY_MISSING: { status: 500, message: 'A program that is needed is not there', hint: 'See "details" for the program and how to install it.' },
  UPLOAD_NOT_FOUND: { status: 404, message: 'This upload is not under way', hint: 'It has ended, was cancelled, or nothing came for a minute. Begin it again.' },
  NOT_AUTHORIZED: { status: 401, message: 'The console does not know this browser', hint: 'Open the one-time address that the console printed, or start it again.' },

  // --- hosts
  HOST_UNREACHABLE: { status: 503, message: 'The host cannot be reached', hint: 'Check address, port and network; "details" names the host and what happened.' },
  HOST_KEY_UNKNOWN: { status: 409, message: 'The key of this host is not known', hint: 'Compare the fingerprint with what the command in "details" shows on the host itself, then trust it.' },
  HOST_KEY_CHANGED: { status: 409, message: 'The host shows another key than before', hint: 'Nothing was sent. Find out why before you replace the known key: somebody may stand in between.' },
  HOST_KEY_REVOKED: { status: 409, message: 'The key of this host has been revoked', hint: 'Nothing was sent. Give the host a new key; see "details" for the file that revokes this one.' },
  AUTH_FAILED: { status: 401, message: 'The host did not accept the login', hint: 'See "details" for what was tried and why it failed.' },
  NO_PRIVILEGE: { status: 403, message: 'This login cannot become root on the host', hint: 'Log in as root, or as a user who may use sudo.' },
  SUDO_PASSWORD_WRONG: { status: 403, message: 'sudo did not accept the password', hint: 'Give the password that sudo asks for on this host.' },
  SSH_PROTOCOL_FAILED: { status: 502, message: 'The host does not speak SSH as expected', hint: 'Check that address and port are those of an SSH server, and see "details".' },
  SSH_CONNECTION_LOST: { status: 503, message: 'The connection to the host is lost', hint: 'What was under way may have happened: connect again and look.' },
  FORWARDING_DENIED: { status: 403, message: 'The host does not let connections through', hint: 'Allow TCP forwarding in its sshd_config (AllowTcpForwarding), or take another way.' },
  FORWARDING_FAILED: { status: 503, message: 'The host could not connect further', hint: 'Check that the address is right and that something listens there.' },
  COMMAND_TIMEOUT: { status: 504, message: 'The command on the host did not end in time', hint: 'See "details" for its last lines.' },
  COMMAND_TOO_LONG: { status: 400, message: 'The command is too long to be sent', hint: 'Upload it as a file and run that.' },
  REMOTE_SHELL_UNUSABLE: { status: 502, message: 'The login shell of this user runs no commands', hint: 'See "details" for what it printed; use another login, or give it a shell.' },
  UPLOAD_FAILED: { status: 502, message: 'The file could not be written on the host', hint: 'See "details" for the command and its last lines.' },
  HOST_DISK_FULL: { status: 507, message: 'The host has no room for the file', hint: 'Free space on the file system in "details".' },
  HOST_NOT_FOUND: { status: 404, message: 'There is no host with this name', hint: 'List hosts with "bulkhead host list".' },
  HOST_EXISTS: { status: 409, message: 'There is a host with this name already', hint: 'Choose another name, or remove the host first.' },
  HOST_IN_USE: { status: 409, message: 'The host belongs to a cluster', hint: 'Remove its node first.' },
  HOST_LOCKED: { status: 409, message: 'Another run works on this host', hint: 'Wait until it has ended. A lock that was left behind is taken over after an hour, or goes with a reboot.' },
  BALANCER_NOT_FOUND: { status: 404, message: 'There is no such balancer', hint: 'List balancers with "bulkhead balancer list".' },
  CLUSTER_EXISTS: { status: 409, message: 'There is a cluster with this name already', hint: 'Choose another name.' },
  PREFLIGHT_FAILED: { status: 409, message: 'The host is not ready for a node', hint: 'See "details" for each check that failed, and how to mend it. Nothing was changed.' },
  WARNINGS_NOT_ACCEPTED: { status: 409, message: 'The host is ready, with risks that somebody has to take on', hint: 'See "details": mend each, or accept it by name. Nothing was changed.' },
  STEP_FAILED: { status: 500, message: 'A step of the run failed', hint: 'See the run with "bulkhead run show": mend the cause and resume it, or roll it back.' },
  RUN_NOT_FOUND: { status: 404, message: 'There is no run with this id', hint: 'List runs with "bulkhead run list".' },
  RUN_STATE: { status: 409, message: 'The run is not in a state for that', hint: 'See "details" for the state that it is in.' },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof errorCodes;
