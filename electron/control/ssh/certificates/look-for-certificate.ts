import type { Duplex } from 'node:stream';
import { readHostCertificate, type HostCertificate } from './host-certificate.ts';
import { offeredCertificate } from './offered-certificate.ts';

/** The certificate that a host shows; or why there is none to go by, as a part of a sentence. */
export type CertificateLook = { readonly certificate: HostCertificate } | { readonly certificate: null; readonly why: string };

/**
 * Asks a host for its certificate through a connection of its own. Never throws.
 * @param timeoutMs milliseconds for all of it, the connection included
 * @param signal    nobody waits for it any more: the connection is closed at once
 */
export async function lookForCertificate(dial: (signal: AbortSignal) => Promise<Duplex>, timeoutMs: number, signal: AbortSignal): Promise<CertificateLook> {
  const late = new AbortController();
  const timer = setTimeout(() => { late.abort(); }, timeoutMs);
  const limit = AbortSignal.any([signal, late.signal]);
  let blob: Buffer | null;
  try {
    blob = await offeredCertificate(await dial(limit), limit);
  } catch (error) {
    return { certificate: null, why: `its certificate could not be asked for (${late.signal.aborted ? 'it did not answer in time' : reasonOf(error)})` };
  } finally {
    clearTimeout(timer);
  }
  if (blob === null) return { certificate: null, why: 'it shows no certificate' };
  try {
    return { certificate: readHostCertificate(blob) };
  } catch (error) {
    return { certificate: null, why: `its certificate cannot be gone by: ${reasonOf(error)}` };
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
