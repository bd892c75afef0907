import type { SafeStorage } from 'electron';
import type { SecretBox } from '../../control/secrets/index.ts';

/** Said wherever the state of secrets is shown: an honest "none" is better than a lock that is painted on. */
const plainTextNote =
  'This session has no keychain (libsecret or KWallet): stored secrets are only obscured, any program of this user can read them.';

/**
 * Wraps the data key by the keychain of the operating system, through Electron's asynchronous calls.
 * @returns a box whose `protection` is "none" where the keychain is missing, or null when nothing can be encrypted
 */
export async function keychainBox(safeStorage: SafeStorage, platform: NodeJS.Platform): Promise<SecretBox | null> {
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return null;
  const isPlain = platform === 'linux' && ['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend());
  return {
    protection: isPlain ? 'none' : 'keychain',
    note: isPlain ? plainTextNote : 'Secrets are encrypted under a key in the keychain of this operating system.',
    wrap: (key) => safeStorage.encryptStringAsync(Buffer.from(key).toString('base64')),
    unwrap: async (wrapped) => {
      const { result } = await safeStorage.decryptStringAsync(Buffer.from(wrapped));
      return Buffer.from(result, 'base64');
    },
  };
}
