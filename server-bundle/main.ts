import { runProgram } from './commands/program.ts';

void runProgram(process.argv);
