export { Broadcast } from './broadcast.ts';
export { Journal, type JournalQuery, type NewEntry } from './journal.ts';
