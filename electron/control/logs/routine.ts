/** What balancers and this app ask all the time; it would bury everything else. */
const routine = new Set(['/artifactory/api/system/ping', '/artifactory/api/v1/cluster', '/artifactory/api/v1/system/liveness']);

/** @param line as the node wrote it */
export function isRoutine(line: string): boolean {
  const [, path] = /^\{.*"method":"GET","path":"([^"]*)","status":200,/.exec(line) ?? [];
  return path !== undefined && routine.has(path);
}
