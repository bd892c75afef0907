import type { BalancerRendering } from '../../contract/index.ts';

/** The rendered files and a page that says what to do with them, for people who deploy them otherwise. */
export function exportFiles({ files, product, install, check, reload, limits, warnings, backends }: BalancerRendering): { name: string; content: string }[] {
  const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');
  const named = files.map(({ path, content }) => ({ name: path.slice(path.lastIndexOf('/') + 1), path, content }));
  const readme = `# ${product} in front of a Bulkhead cluster

Nodes: ${backends.map(({ nodeId, url }) => `${nodeId} (${url})`).join(', ') || 'none yet'}

## Files

${list(named.map(({ name, path }) => `\`${name}\` belongs to \`${path}\``))}

## Commands, as root

    ${install}
    ${check}
    ${reload}

The address of the balancer has to be among the trusted proxies of the nodes.
${warnings.length === 0 ? '' : `\n## Before you use it\n\n${list(warnings)}\n`}
## What it does when a host is lost

${limits.summary}

${list(limits.holds)}

It can fail:

${list(limits.canFail)}
`;
  return [...named.map(({ name, content }) => ({ name, content })), { name: 'README.md', content: readme }];
}
