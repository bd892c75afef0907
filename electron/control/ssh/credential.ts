import type { Secret } from './secret.ts';
import type { HostTarget } from './target.ts';

/** One way to prove who logs in. */
export type Credential =
  | {
    readonly kind: 'agent';
    /** socket of the agent; SSH_AUTH_SOCK when left out */
    readonly socket?: string;
  }
  | {
    readonly kind: 'key';
    /** shown when it fails: the path of the file, or where it is stored */
    readonly name: string;
    /** the private key itself, in OpenSSH's or PEM form */
    readonly privateKey: Secret;
    readonly passphrase?: Secret;
  }
  | {
    readonly kind: 'key-file';
    /** `~` is the home folder */
    readonly path: string;
    readonly passphrase?: Secret;
    /** socket of the agent that may hold it, where the file cannot be used by itself; SSH_AUTH_SOCK when left out; `none`: no agent is asked */
    readonly agent?: string;
  }
  /** without the password itself it cannot be used, and the record of the attempts says so */
  | { readonly kind: 'password'; readonly password?: Secret }
  /** one-time passwords and the like: `onPrompt` is asked; a password, when there is one, answers a single hidden question */
  | { readonly kind: 'keyboard-interactive'; readonly password?: Secret };

/** Tried in this order; the same ones for every hop, or asked for each hop. */
export type Credentials = readonly Credential[] | ((hop: HostTarget) => readonly Credential[] | Promise<readonly Credential[]>);

/** What a host asks during keyboard-interactive authentication. */
export interface AuthenticationPrompt {
  readonly hop: HostTarget;
  readonly name: string;
  readonly instructions: string;
  readonly questions: readonly { readonly text: string; readonly hidden: boolean }[];
}

/** One method that was tried or could not be, as told in the details of AUTH_FAILED. Holds no secret. */
export interface AuthenticationAttempt {
  readonly method: Credential['kind'];
  /** for example the name of the key and its fingerprint */
  readonly with: string;
  readonly outcome: 'accepted' | 'accepted, more is asked' | 'refused' | 'not offered by the host' | 'not tried' | 'could not be used' | 'not needed';
  readonly reason?: string;
}
