/** Line of a script before its EXIT trap: a check that is cancelled is ended by a signal, at which dash would leave that trap out. */
export const untilEnd = "trap 'exit 1' TERM INT HUP\n";
