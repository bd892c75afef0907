/** The desktop's own scheme: a standard, secure origin, so that storage, modules and the CSP's 'self' work as on the web. */
export const appScheme = 'app';
export const appHost = 'bulkhead';
export const appOrigin = `${appScheme}://${appHost}`;

/** Is this address one of our own screens? Compared by parts: URL.origin of an unknown scheme is "null". */
export function isOwnAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return url.protocol === `${appScheme}:` && url.host === appHost && url.username === '' && url.password === '';
}
