import { firstForm, runCommand } from '../cli/command';
import { Problem } from '../model/problem';
import { build } from './build';
import { deliver } from './deliver';
import type { Bench } from './measure/bench';
import { isReached, report } from './measure/report';
import { seal } from './seal';
import { synth } from './synth/synth';
import { worker } from './worker/worker';

const benches: Readonly<Record<string, Bench>> = { build, deliver, seal, synth, worker };

const usage = Object.entries(benches)
  .map(([name, { usage }]) => `npm run bench -- ${name} ${usage}`)
  .join('\n');

void runCommand({
  usage,
  options: {
    rounds: { type: 'string' },
    servers: { type: 'string' },
    quick: { type: 'boolean', default: false },
    'own-node': { type: 'boolean', default: false },
  },
  async run({ json, rounds, servers, quick, 'own-node': ownNode }, [name = '']) {
    const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
    if (bench === undefined)
      throw new Problem('USAGE', `Cannot run "${name}": no such benchmark`, { fix: firstForm(usage) });
    const counts = { ...numberOf('rounds', rounds), ...numberOf('servers', servers) };
    const result = await bench.run({ ...counts, quick, ownNode });
    const text = json ? JSON.stringify({ node: process.version, ...result }, null, 2) : report(result);
    process.stdout.write(`${text}\n`);
    return result.goals.every(isReached) ? 0 : 1;
  },
});

function numberOf(name: 'rounds' | 'servers', text: string | undefined) {
  if (text === undefined) return {};
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return { [name]: count };
  throw new Problem('USAGE', `Cannot measure with "${text}" ${name}`, {
    fix: `set --${name} to a whole number above 0`,
  });
}
