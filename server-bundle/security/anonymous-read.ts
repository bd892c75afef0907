/** Key of the setting that lets requests without credentials read. A boolean; false when it was never set. */
export const anonymousReadSetting = 'anonymousRead';
