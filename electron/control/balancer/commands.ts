import { asRoot, script, type RemoteCommand } from '../provision/index.ts';
import type { ProductPlace } from './place.ts';
import { stageFolder } from './switch-script.ts';

const path = 'PATH="$PATH:/usr/sbin:/sbin:/usr/local/sbin"; ';
/** Prints our part of file $1; $2 and $3 are the lines around it, or empty. */
const ours = '[ ! -e "$1" ] || if [ -z "$2" ]; then cat "$1"; else awk -v b="$2" -v e="$3" \'$0 == b { on = 1; next } $0 == e { on = 0 } on\' "$1"; fi';

/** What of us is in the product's configuration now; nothing when there is nothing. */
export function readOurs({ file, marks }: ProductPlace): RemoteCommand {
  return asRoot(...script(ours, file, marks?.begin ?? '', marks?.end ?? ''));
}

/** It is in place, the product was told, and runs. */
export function oursIsSo({ keep, file, marks, unit }: ProductPlace, sha256: string): RemoteCommand {
  return asRoot(...script(
    `[ "$({ ${ours}; } | sha256sum | cut -c 1-64)" = "$4" ] && [ "$(cat "$5" 2> /dev/null)" = "$4" ] && systemctl is-active --quiet "$6"`,
    file, marks?.begin ?? '', marks?.end ?? '', sha256, `${keep}/applied`, unit,
  ));
}

export function oursIsGone({ keep, file, marks }: ProductPlace): RemoteCommand {
  return asRoot(...script('[ ! -e "$3" ] && if [ -z "$2" ]; then [ ! -e "$1" ]; else ! grep -qxF "$2" "$1" 2> /dev/null; fi', file, marks?.begin ?? '', keep));
}

/** A file that only this run needs; its folder goes with a reboot. Replaced as a whole: a script of this name may be at work. */
export function stageFile(to: string, text: string): RemoteCommand {
  return { ...asRoot(...script('umask 077; mkdir -p "${1%/*}" && cat > "$1.new" && mv -f "$1.new" "$1"', to)), input: { text, placeholder: null } };
}

export function runSwitch(runId: string, ...args: readonly string[]): RemoteCommand {
  return { ...asRoot('sh', `${stageFolder(runId)}/switch.sh`, ...args), timeoutMs: 180_000 };
}

export function dropStage(runId: string): RemoteCommand {
  return asRoot(...script('rm -rf "$1"; rmdir "${1%/*}" 2> /dev/null || true', stageFolder(runId)));
}

/** Prints the version; status 127: the product is not there. */
export function productVersion({ version }: ProductPlace): RemoteCommand {
  return asRoot(...script(`${path}command -v "$1" > /dev/null || exit 127; "$@" 2>&1`, ...version));
}

export function serviceActive({ unit }: ProductPlace): RemoteCommand {
  return asRoot('systemctl', 'is-active', '--quiet', unit);
}

/** Who listens on the port; nothing: nobody. */
export function listenersOn(port: number): RemoteCommand {
  return asRoot(...script(`${path}ss -Hltnp "sport = :$1"`, String(port)));
}

export function filesAreThere(...files: readonly string[]): RemoteCommand {
  return asRoot(...script('for file; do [ -s "$file" ] || { echo "$file"; exit 1; }; done', ...files));
}

/** Prints "off" when SELinux keeps the product from connecting to nodes. */
export function selinuxAllows({ selinux }: ProductPlace): RemoteCommand {
  return asRoot(...script(`${path}[ "$(getenforce 2> /dev/null)" = Enforcing ] || exit 0; getsebool "$1" 2> /dev/null | grep -o 'off$' || true`, selinux));
}

/** Prints the address with which this host comes to a node. */
export function ownAddressTowards(address: string): RemoteCommand {
  return asRoot(...script(`${path}ip -o route get "$1" 2> /dev/null | grep -o 'src [^ ]*' | cut -d ' ' -f 2`, address));
}

/** Prints what a node says of itself, with the head of its answer; nothing when there is none, or no bash to ask with. */
export function livenessOf(host: string, port: number): RemoteCommand {
  const request = String.raw`GET /artifactory/api/v1/system/liveness HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n`;
  return asRoot(...script(`timeout 5 bash -c 'exec 3<> "/dev/tcp/$1/$2"; printf "${request}" >&3; cat <&3' bash "$1" "$2" 2> /dev/null || true`, host, String(port)));
}

/** How long a ping through the balancer may take to be answered as it should, seconds; a node that was just started may need some of it. */
const pingSeconds = 40;

/**
 * A ping through the balancer, from its own host, until it is answered as it should be or the time is over. Prints the status line; needs bash, and
 * openssl where there is TLS.
 */
export function pingThrough(address: string, port: number, tls: boolean, name: string): RemoteCommand {
  const request = String.raw`GET /artifactory/api/system/ping HTTP/1.1\r\nHost: $3\r\nConnection: close\r\n\r\n`;
  const plain = `timeout 5 bash -c 'exec 3<> "/dev/tcp/$1/$2"; printf "${request}" >&3; head -n 1 <&3' bash "$1" "$2" "$3" 2> /dev/null`;
  const secure = `printf "${request}" | timeout 5 openssl s_client -quiet -connect "$1:$2" -servername "$3" 2> /dev/null | head -n 1`;
  return asRoot(...script(
    `command -v ${tls ? 'openssl' : 'bash'} > /dev/null || { echo untried; exit 0; }; end=$(($(date +%s) + ${String(pingSeconds)})); while :; do said=$(${tls ? secure : plain}); case $said in *" 200 "*) break ;; esac; [ "$(date +%s)" -lt "$end" ] || break; sleep 0.25; done; echo "$said"`,
    address, String(port), name,
  ));
}
