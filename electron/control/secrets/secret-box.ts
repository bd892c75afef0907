/**
 * Wraps the one data key under which secrets are kept. Each shell brings its own: the desktop the keychain of the
 * operating system, console and CLI a passphrase. All of them wrap the same key, so that all open the same store.
 */
export interface SecretBox {
  readonly protection: 'keychain' | 'passphrase' | 'file' | 'none';
  /** one sentence that says what the protection is worth here */
  readonly note: string;
  wrap(key: Uint8Array): Promise<Uint8Array>;
  /** Throws when this box did not wrap it. */
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>;
}
