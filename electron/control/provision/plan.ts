import type { Planned } from '../../contract/index.ts';
import { quoted, shellLine, type RemoteCommand } from './remote-command.ts';
import type { Action, Step } from './step.ts';

/** Steps as they are shown before anything happens: every command, every file, no secret. */
export function planOf(nodeId: string, host: string, steps: readonly Step[]): Planned {
  return {
    nodeId,
    host,
    steps: steps.map((step) => ({
      step: step.id,
      title: step.title,
      probe: step.probe.map(shellLine),
      apply: [...step.apply.map(actionLine), ...(step.checkCommands ?? []).map(shellLine)],
      undo: step.undo.map(shellLine),
      files: step.apply.flatMap(fileOf),
    })),
    script: scriptOf(nodeId, host, steps),
  };
}

function actionLine(action: Action): string {
  return action.kind === 'command' ? shellLine(action.command) : `# upload ${action.payload.name} (${action.payload.bytes} bytes, gzip, SHA-256 ${action.payload.sha256}) to ${action.to}`;
}

function fileOf(action: Action): { path: string; content: string }[] {
  if (action.kind !== 'command' || action.command.input === undefined) return [];
  const { argv, input } = action.command;
  return [{ path: argv[4] ?? '', content: input.placeholder ?? input.text }];
}

/** A script for people who would rather run it by hand. Secrets and uploads are asked for where they are needed. */
function scriptOf(nodeId: string, host: string, steps: readonly Step[]): string {
  const blocks = steps.map((step) => {
    const apply = [...step.apply.map(scriptLine), ...(step.checkCommands ?? []).map(commandText)].join('\n');
    if (apply === '') return `# ${step.title}: made by the app only`;
    // whoever runs it should be asked for a secret once: such a file is simply written
    const asks = step.probe.some(({ input }) => typeof input?.placeholder === 'string');
    const atEnd = step.release === undefined ? '' : `\ntrap ${quoted(commandText(step.release))} EXIT`;
    if (step.probe.length === 0 || asks) return `# ${step.title}\n${apply}${atEnd}`;
    const probe = step.probe.map((each) => `{ ${commandText(each)}\n}`).join(' && ');
    return `# ${step.title}\nif ! { ${probe}; }; then\n${apply}\nfi`;
  });
  const uploads = steps.some(({ apply }) => apply.some(({ kind }) => kind === 'upload'));
  return `#!/bin/sh
# ${nodeId === host ? host : `${nodeId} on ${host}`}. Run as root on that host.
${uploads ? '# PAYLOADS: a folder with node.gz and bulkhead-node.cjs.gz. Secrets are read from the terminal where they are needed.\n' : ''}set -eu
umask 022
export LC_ALL=C

${blocks.join('\n\n')}
`;
}

function scriptLine(action: Action): string {
  if (action.kind === 'command') return commandText(action.command);
  const { payload, to } = action;
  return [
    `gzip -dc "\${PAYLOADS:?}/${payload.name}.gz" > "${to}.new"`,
    `echo "${payload.sha256}  ${to}.new" | sha256sum -c --status`,
    `chmod ${payload.mode} "${to}.new"`,
    `mv -f "${to}.new" "${to}"`,
  ].join('\n');
}

function commandText(command: RemoteCommand): string {
  const line = shellLine({ ...command, as: 'login' });
  if (command.input === undefined) return line;
  const { text, placeholder } = command.input;
  if (placeholder === null) return `${line} <<'BULKHEAD_END'\n${text}${text.endsWith('\n') ? '' : '\n'}BULKHEAD_END`;
  const prompt = placeholder.replace(/[<>]/g, '');
  // not to be read by whoever looks at the screen, also when it is broken off there
  return `( trap 'stty echo < /dev/tty' EXIT; printf '%s: ' '${prompt}' > /dev/tty; stty -echo < /dev/tty; IFS= read -r secret < /dev/tty; echo > /dev/tty; printf '%s\\n' "$secret" ) | ${line}`;
}
