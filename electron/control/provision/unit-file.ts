import { processEnvironment } from '../../../server-bundle/contract/index.ts';
import { journalNamespace, paths, serviceUser } from './paths.ts';
import type { NodeTarget } from './target.ts';

/** Time between the end of a drain and the moment systemd would kill the node, milliseconds. */
const spareMs = 15_000;

/** How long a stop may take: the notice to the balancers, the drain, and some spare time. */
export function stopTimeoutMs({ drainNoticeMs, drainDeadlineMs }: NodeTarget): number {
  return drainNoticeMs + drainDeadlineMs + spareMs;
}

/**
 * The node's unit. It may write to the filestore and nowhere else. It is never given up on: a cluster lives through an outage of
 * its database that is longer than any number of restarts. MemoryDenyWriteExecute is left out because the runtime compiles code;
 * AF_NETLINK is how the runtime lists the addresses it listens on. Its journal is its own, with a size and an age of its own (see
 * {@link journalFile}); systemd before 245 has no such thing, says so and uses the host's.
 */
export function unitFile(target: NodeTarget): string {
  return `[Unit]
Description=Bulkhead artifact node ${target.nodeId}
Wants=network-online.target
After=network-online.target
RequiresMountsFor=${target.filestore}
StartLimitIntervalSec=0

[Service]
Type=exec
User=${serviceUser}
Group=${serviceUser}
UMask=0027
WorkingDirectory=${paths.home}
${Object.entries(processEnvironment).map(([name, value]) => `Environment=${name}=${value}`).join('\n')}
ExecStart=${paths.current}/node ${paths.current}/bulkhead-node.cjs serve --config ${paths.configFile}
Restart=always
RestartSec=2
KillMode=mixed
TimeoutStopSec=${Math.ceil(stopTimeoutMs(target) / 1000)}
LimitNOFILE=65536
LimitCORE=0
LogNamespace=${journalNamespace}
LogRateLimitIntervalSec=30
LogRateLimitBurst=20000
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ReadWritePaths=${target.filestore}
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
`;
}

/** How much of the node's journal is kept. What the service manager says of the node is in the host's own journal. */
export function journalFile(): string {
  return `[Journal]
SystemMaxUse=512M
RuntimeMaxUse=64M
MaxRetentionSec=30day
RateLimitIntervalSec=30s
RateLimitBurst=20000
ForwardToSyslog=no
`;
}
