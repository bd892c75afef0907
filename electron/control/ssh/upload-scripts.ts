/** Bytes are written at multiples of this, so that an upload goes on at one. */
export const blockBytes = 65_536;

export const exitCodes = { mismatch: 90, full: 91 } as const;

/** Prints `free KIB` and `mount PATH` of the file system that `$1` of this function lies on. */
const room = 'room() { df -Pk "$1" | { read -r heading; read -r device size used free share mount; echo "free $free"; echo "mount $mount"; }; }';

/** `$1` the file, `$2` its part, `$3` the SHA-256 wanted or nothing. Prints what is there: `same`, or `part BYTES` with `sha256`; and `free KIB` with `mount PATH`. */
export const lookScript = `
${room}
if [ -n "$3" ] && [ -f "$1" ] && found=$(sha256sum < "$1") && [ "\${found%% *}" = "$3" ]; then echo same; exit 0; fi
case $1 in */*) folder=\${1%/*}/ ;; *) folder=. ;; esac
[ -d "$folder" ] || { echo "there is no folder $folder" >&2; exit 1; }
room "$folder"
[ -f "$2" ] || exit 0
bytes=$(wc -c < "$2"); blocks=$((bytes / ${blockBytes}))
[ $blocks -gt 0 ] || exit 0
echo "part $((blocks * ${blockBytes}))"
found=$(dd if="$2" bs=${blockBytes} count=$blocks 2>/dev/null | sha256sum); echo "sha256 \${found%% *}"
`;

/**
 * `$1` the part, `$2` the block to begin at, `$3` gzip or plain, `$4` anew or on. Bytes go to where they belong and are not appended: the
 * receiver of a connection that was cut may live on for a while, and what it still writes is then the same.
 */
export const receiveScript = `
umask 077
[ "$4" = on ] || rm -f -- "$1" || exit 1
if [ "$3" = gzip ]; then gzip -dc | dd of="$1" bs=${blockBytes} seek="$2" conv=notrunc 2>"$1.said"
else dd of="$1" bs=${blockBytes} seek="$2" conv=notrunc 2>"$1.said"; fi
code=$?
[ $code -eq 0 ] || cat -- "$1.said" >&2
rm -f -- "$1.said"
exit $code
`;

const sum = 'found=$(sha256sum < "$file") || exit 1; found=${found%% *}';

export const finishScript = {
  /** `$1` the part, `$2` the file, `$3` its mode, `$4` its SHA-256, `$5` unpack or as-is. Replaces the file in one step, when it is the right one.
   * Where it cannot be unpacked, what has arrived stays. When that is because there is less room than what was missing, the room is told as
   * `lookScript` does it, with `needed BYTES`; anything else, a quota or a disk that has become read-only, is told by those who met it. */
  publish: `
${room}
umask 077
file=$1
if [ "$5" = unpack ]; then
  file=$1.unpacked
  if ! gzip -dc < "$1" > "$file"; then
    case $1 in */*) folder=\${1%/*}/ ;; *) folder=. ;; esac
    free=$(room "$folder" | { read -r name free; echo "$free"; }); free=\${free:-0}
    written=$(wc -c 2> /dev/null < "$file") || written=0
    rm -f -- "$file"
    gzip -t < "$1" || { rm -f -- "$1"; exit 1; }
    bytes=$(gzip -dc < "$1" | wc -c)
    [ $((free * 1024)) -lt $((bytes - written)) ] || exit 1
    room "$folder"; echo "needed $bytes"; exit ${exitCodes.full}
  fi
fi
${sum}
if [ "$found" != "$4" ]; then rm -f -- "$file" "$1"; echo "$found"; exit ${exitCodes.mismatch}; fi
chmod "$3" "$file" || exit 1
sync -- "$file" 2>/dev/null || sync
mv -f -- "$file" "$2" || exit 1
[ "$file" = "$1" ] || rm -f -- "$1"
`,
  /** `$1` the file, `$2` its mode */
  chmod: 'chmod "$2" "$1"',
} as const;
