import { createInterface } from 'node:readline';
import { runCommand } from '../../cli/command';
import { startPlane, stopOther, stopPlane } from './plane';

// A process of its own watches over a cluster: whoever asked for it may end in any way, and with it its end of the pipe.
void runCommand({
  usage: [
    'node cli/run.mjs interop/cluster/plane.command.ts start   a cluster until standard input ends, told in one line of JSON',
    '                                                          a line "keep" on standard input: until it is stopped',
    'node cli/run.mjs interop/cluster/plane.command.ts stop    ends it, from anywhere',
  ].join('\n'),
  options: {},
  async run(_, [verb]) {
    if (verb === 'stop') return stop();
    const told = whenTold();
    const plane = startPlane(tell);
    try {
      const ready = await Promise.race([plane, told]);
      if (typeof ready !== 'number') process.stdout.write(`${JSON.stringify(ready)}\n`);
      return await told;
    } finally {
      await stopPlane();
      // What was still being built or started is not waited for.
      setImmediate(() => process.exit());
    }
  },
});

/** Resolves with the exit code when it is time to end. */
function whenTold(): Promise<number> {
  return new Promise((resolve) => {
    let isKept = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(130));
    // Nobody reads what a kept cluster would say.
    for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
    createInterface({ input: process.stdin })
      .on('line', (line) => {
        isKept ||= line === 'keep';
      })
      .on('close', () => isKept || resolve(0));
  });
}

async function stop(): Promise<number> {
  const ended = await stopOther();
  const names = ended.map(({ name, pid }) => `${name} (${pid})`);
  tell(names.length === 0 ? 'No cluster is running' : `Ended ${names.join(', ')}`);
  return 0;
}

function tell(line: string): void {
  process.stderr.write(`  ${line}\n`);
}
