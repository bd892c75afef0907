import { journalNamespace } from '../paths.ts';

/**
 * `journalctl` in a POSIX script, with the journal that the node has to itself beside the host's; systemd before 245 knows no such thing, and has all
 * in one. An argument list goes after it.
 */
export const journalctl = `journalctl $(journalctl --namespace=+${journalNamespace} --lines=0 --quiet > /dev/null 2>&1 && echo --namespace=+${journalNamespace})`;
