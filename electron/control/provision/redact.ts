/** Takes secrets out of what is recorded or shown. Short ones are left alone: they would blacken ordinary words. */
export function redactor(secrets: readonly (string | null | undefined)[]): (text: string) => string {
  const known = secrets.filter((secret) => typeof secret === 'string' && secret.length >= 6) as string[];
  return (text) => known.reduce((cleaned, secret) => cleaned.replaceAll(secret, '•••'), text);
}
