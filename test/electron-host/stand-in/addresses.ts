/**
 * Chromium outside Electron knows no `app://`. Its pages see a secure origin of a name that cannot exist in its place;
 * the app only ever hears of `app://`.
 */
const seenByApp = /^app:\/\/([^/?#]+)/;
const seenByPage = /^https:\/\/([^/?#]+)\.app-scheme\.invalid/;

export function toPage(address: string): string {
  return address.replace(seenByApp, 'https://$1.app-scheme.invalid');
}

export function toApp(address: string): string {
  return address.replace(seenByPage, 'app://$1');
}
