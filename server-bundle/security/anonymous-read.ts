/** Key of the setting that lets requests without credentials read. False when it was never set. */
export const anonymousReadSetting = 'anonymousRead';

/** How far: not at all, wherever there is something to read, or where permission targets say so. */
export type AnonymousReading = 'off' | 'everything' | 'targets';

/** A node that knows only yes and no takes anything but `true` for no. */
export function anonymousReading(stored: unknown): AnonymousReading {
  return stored === true ? 'everything' : stored === 'targets' ? 'targets' : 'off';
}
