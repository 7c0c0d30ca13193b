import { firstForm, runCommand } from '../cli/command';
import { usageText } from '../cli/usage';
import { nearest } from '../model/nearest';
import { Problem } from '../model/problem';
import { build } from './build';
import { deliver } from './deliver';
import type { Bench } from './measure/bench';
import { isReached, report } from './measure/report';
import { seal } from './seal';
import { synth } from './synth/synth';
import { worker } from './worker/worker';

const benches: Readonly<Record<string, Bench>> = { build, deliver, seal, synth, worker };

const usage = usageText({
  forms: Object.fromEntries(Object.entries(benches).map(([name, { usage }]) => [`npm run bench -- ${name}`, usage])),
  flags: {
    '--rounds <count>': 'how many rounds to measure',
    '--servers <count>': 'deliver: how many servers; 1000 by default',
    '--quick': 'worker: one short round, to see that it works; not to be quoted',
    '--own-node': 'worker: on the Node that runs this, instead of the one of the image',
  },
  examples: ['npm run bench -- synth --rounds 3'],
});

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
      throw new Problem('USAGE', `Cannot run "${name}": no such benchmark`, { fix: meant(name) });
    const counts = { ...numberOf('rounds', rounds), ...numberOf('servers', servers) };
    const result = await bench.run({ ...counts, quick, ownNode });
    const text = json ? JSON.stringify({ node: process.version, ...result }, null, 2) : report(result);
    process.stdout.write(`${text}\n`);
    return result.goals.every(isReached) ? 0 : 1;
  },
});

function meant(name: string): string {
  const known = nearest(name, Object.keys(benches));
  return known === undefined ? firstForm(usage) : `npm run bench -- ${known}`;
}

function numberOf(name: 'rounds' | 'servers', text: string | undefined) {
  if (text === undefined) return {};
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return { [name]: count };
  throw new Problem('USAGE', `Cannot measure with "${text}" ${name}`, {
    fix: `set --${name} to a whole number above 0`,
  });
}
