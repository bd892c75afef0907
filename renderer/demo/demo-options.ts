/** What is wrong with the typed options, in one sentence; null when they can be used. */
export function inputProblem(input: { readonly nodes: string; readonly port: string }): string | null {
  if (!/^[1-9]$/.test(input.nodes.trim())) return 'Nodes: a number from 1 to 9';
  if (!/^\d{1,5}$/.test(input.port.trim()) || Number(input.port) > 65_535) return 'Port: a number from 0 to 65535';
  return null;
}
