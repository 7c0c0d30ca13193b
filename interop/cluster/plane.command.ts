import { createInterface } from 'node:readline';
import { runCommand } from '../../cli/command';
import { startPlane, stopOther, stopPlane } from './plane';

// A separate process supervises the cluster: however its caller ends, the pipe to it closes.
void runCommand({
  usage: [
    'node cli/run.mjs interop/cluster/plane.command.ts start   until standard input ends; prints JSON when ready',
    '                                                          after the input "keep": until stopped',
    'node cli/run.mjs interop/cluster/plane.command.ts stop    from any terminal',
  ].join('\n'),
  options: {},
  async run(_, [verb]) {
    if (verb === 'stop') return stop();
    const exitCode = untilStopped();
    const plane = startPlane(log);
    try {
      const ready = await Promise.race([plane, exitCode]);
      if (typeof ready !== 'number') process.stdout.write(`${JSON.stringify(ready)}\n`);
      return await exitCode;
    } finally {
      await stopPlane();
    }
  },
  // Does not wait for unfinished builds or starts.
}).then(() => process.exit());

/** Resolves with the exit code on a signal, or when standard input closes without a line "keep". */
function untilStopped(): Promise<number> {
  return new Promise((resolve) => {
    let isKept = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(130));
    // The output of a kept cluster has no reader.
    for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
    createInterface({ input: process.stdin })
      .on('line', (line) => {
        isKept ||= line === 'keep';
      })
      .on('close', () => isKept || resolve(0));
  });
}

async function stop(): Promise<number> {
  const stopped = await stopOther();
  const names = stopped.map(({ name, pid }) => `${name} (${pid})`);
  log(names.length === 0 ? 'No cluster is running' : `Stopped ${names.join(', ')}`);
  return 0;
}

function log(line: string): void {
  process.stderr.write(`  ${line}\n`);
}
