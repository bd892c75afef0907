import type { HostSummary, WatchedHost } from '../../electron/contract/index.ts';
import type { StateWord } from '../format/states.ts';

/** What a screen says instead of what the command line would: the details stand beside it. */
const own: Readonly<Record<string, { readonly message: string; readonly hint: string }>> = {
  HOST_KEY_UNKNOWN: { message: 'Nobody here has seen the key of this host.', hint: 'Nothing was sent. Compare it with what the host itself says.' },
  HOST_KEY_CHANGED: { message: 'The host shows another key than before.', hint: 'Nothing was sent. Find out why before you replace the known one.' },
  AUTH_FAILED: { message: 'The host did not accept the login.', hint: 'Test it to see what was tried, in which order, and why it failed.' },
};

export interface HostState extends StateWord {
  /** why it is so, and since when it is to be read */
  readonly problem: WatchedHost['problem'];
  /** what stands between the app and the host; null when nothing that a person has to do */
  readonly needs: 'trust' | 'replace' | 'sign-in' | 'privilege' | null;
}

const refusals: Readonly<Record<string, Pick<HostState, 'word' | 'tone' | 'needs'>>> = {
  HOST_KEY_UNKNOWN: { word: 'key not known', tone: 'warn', needs: 'trust' },
  HOST_KEY_CHANGED: { word: 'key has changed', tone: 'bad', needs: 'replace' },
  HOST_KEY_REVOKED: { word: 'key is revoked', tone: 'bad', needs: null },
  AUTH_FAILED: { word: 'login refused', tone: 'bad', needs: 'sign-in' },
  SUDO_PASSWORD_WRONG: { word: 'sudo refused', tone: 'bad', needs: 'privilege' },
  NO_PRIVILEGE: { word: 'no way to root', tone: 'bad', needs: 'privilege' },
};

/** How long a key that was trusted here outranks what was seen before, milliseconds: the next look takes a moment. */
const freshTrustMs = 60_000;

/**
 * What to call a host's state. What was never seen is unknown, not well.
 *
 * @param trustedAt when its key was trusted in this window, milliseconds since 1970
 */
export function hostState(watched: WatchedHost | undefined, trustedAt: number | null = null, now = Date.now()): HostState {
  if (watched === undefined) return { word: 'not looked at', tone: 'unknown', problem: null, needs: null };
  const { reachability, problem } = watched;
  const refusal = problem === null ? undefined : refusals[problem.code];
  const isAboutKey = refusal?.needs === 'trust' || refusal?.needs === 'replace';
  if (isAboutKey && trustedAt !== null && now - trustedAt < freshTrustMs) return { word: 'connecting', tone: 'unknown', problem: null, needs: null };
  if (refusal !== undefined && reachability !== 'reachable') return { ...refusal, problem: problem === null ? null : { ...problem, ...(own[problem.code] ?? {}) } };
  switch (reachability) {
    case 'reachable':
      return { word: 'reachable', tone: 'ok', problem: null, needs: null };
    case 'connecting':
      return { word: 'connecting', tone: 'unknown', problem: null, needs: null };
    case 'refused':
      return { word: 'refused', tone: 'bad', problem, needs: 'sign-in' };
    case 'unreachable':
      return { word: 'unreachable', tone: 'bad', problem, needs: null };
    case 'unknown':
      return { word: 'unknown', tone: 'unknown', problem, needs: null };
  }
}

const signInWords: Readonly<Record<HostSummary['auth'], string>> = { agent: 'agent', key: 'key file', password: 'password', 'keyboard-interactive': 'asked by the host' };

/** How this host is signed in to, in the order in which it is tried. */
export function signInText({ signIn, hasSudoPassword }: Pick<HostSummary, 'signIn' | 'hasSudoPassword'>): string {
  return `${signIn.map(({ kind }) => signInWords[kind]).join(', then ')}${hasSudoPassword ? ' · sudo password' : ''}`;
}
