import { runCommand } from '../../cli/command';
import { table } from '../../cli/table';
import { type ServerKind, serverKinds, vectorsFor } from '../../testing/exchanges/replay';
import { ourWorker } from '../../testing/processes/our-worker';
import { type RunningServer, startServer } from '../../testing/processes/server-process';
import { compare, paragraphs, type Row, word } from './comparison';
import { pythonWithReference } from './python';
import { referenceServer } from './reference-server';
import { loadWithStrictModels, type StrictResult } from './strict-models';

void runCommand({
  usage:
    'npm run interop -- worker [--json]\n  replays every recorded exchange against the real Python server and ours',
  options: {},
  async run({ json }) {
    const interpreter = pythonWithReference();
    const rows: Row[] = [];
    const strict: StrictResult[] = [];
    for (const kind of serverKinds) {
      const found = await compareKind(interpreter, kind);
      rows.push(...found.rows);
      strict.push(...found.strict);
    }
    const bad = rows.filter(({ python, ours }) => !python.fits || !ours.fits).length;
    const refused = strict.filter(({ disagreements }) => disagreements.length > 0);
    if (json) process.stdout.write(`${JSON.stringify({ rows: rows.map(plain), strict }, null, 2)}\n`);
    else process.stdout.write(`${report(rows, strict)}\n${rows.length} exchanges, ${bad} with differences\n`);
    return bad + refused.length === 0 ? 0 : 1;
  },
});

async function compareKind(interpreter: string, kind: ServerKind) {
  const servers: RunningServer[] = [];
  try {
    // One after the other: started together they would fight for the processor, and a port could be given out twice.
    const python = await startServer(referenceServer(interpreter, kind));
    servers.push(python);
    const ours = await startServer(ourWorker(kind));
    servers.push(ours);
    const vectors = [...vectorsFor('worker', kind), ...vectorsFor('mcp', kind)];
    // Nothing compared is nothing proved.
    if (vectors.length === 0) throw new Error(`There is no recorded exchange with the kind of server "${kind}"`);
    const rows: Row[] = [];
    for (const vector of vectors) rows.push(await compare(vector, python.url, ours.url));
    const hasSecret = kind === 'base' || kind === 'fixtures';
    return { rows, strict: hasSecret ? await loadWithStrictModels(interpreter, ours.url, kind) : [] };
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

function report(rows: readonly Row[], strict: readonly StrictResult[]): string {
  const exchanges = rows.map(({ vector, python, ours }) => [
    `${vector.area}/${vector.name}`,
    vector.server,
    word(python),
    word(ours),
  ]);
  const models = strict.map(({ answer, disagreements }) => [
    answer,
    disagreements.length === 0 ? 'taken as it is' : '✗',
  ]);
  return [
    table(['vector', 'server', 'python', 'ours'], exchanges),
    ...paragraphs(rows),
    table(["our answer, loaded by arcade-core's own models in strict mode", ''], models),
    ...strict.flatMap(({ answer, disagreements }) => disagreements.map((line) => `✗ ${answer}: ${line}`)),
  ].join('\n\n');
}

function plain({ vector, python, ours }: Row) {
  const sides = {
    python: { says: word(python), differences: python.differences },
    ours: { says: word(ours), differences: ours.differences },
  };
  return { vector: `${vector.area}/${vector.name}`, server: vector.server, ...sides };
}
