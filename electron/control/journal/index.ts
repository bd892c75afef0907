export { Journal, type JournalQuery, type NewEntry } from './journal.ts';
