export { findByArguments } from './find-by-arguments.ts';
export { conditionOf, identify, sendSignal, waitForEnd, type ProcessCondition, type ProcessIdentity } from './identity.ts';
export { detachedLauncher, inheritedEnvironment, type LaunchSpec, type ProcessLauncher } from './launch.ts';
export { runToEnd, type RunOutcome, type RunSpec } from './run.ts';
export { ProcessRegistry, type RecordedProcess, type SeenProcess } from './registry.ts';
export { writeAtomically } from './write-atomically.ts';
