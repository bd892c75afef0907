import { runProgram } from './commands/program.ts';

// before the first use of libuv's pool: calls on a hung share must not take the threads that logins and name look-ups need
process.env['UV_THREADPOOL_SIZE'] ??= '16';

void runProgram(process.argv);
