import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { newer } from '../../testing/exchanges/newer';
import { replay, type ServerKind, serverKinds, vectorsFor } from '../../testing/exchanges/replay';
import { ourWorker } from '../../testing/processes/our-worker';
import { endingOf } from '../../testing/processes/program';
import {
  engineWords,
  pythonServer,
  pythonWithReference,
  type ReferenceRelease,
} from '../../testing/processes/python-server';
import { type RunningServer, startServer } from '../../testing/processes/server';
import { answersForModels, validationErrors } from './strict-models';

const compared: readonly (readonly [ReferenceRelease, ServerKind])[] = [
  // Only the newer release has resources.
  ...serverKinds.flatMap((kind) => (kind === 'resources' ? [] : [['1.26.1', kind] as const])),
  ...serverKinds.map((kind) => ['1.32.1', kind] as const),
];

describe.each(compared)('the Python server %s and ours, %s', (release, kind) => {
  const vectors = [...vectorsFor('worker', kind), ...vectorsFor('mcp', kind)];
  let interpreter: string;
  let python: RunningServer;
  let ours: RunningServer;

  beforeAll(async () => {
    interpreter = await pythonWithReference(release);
    // Sequential: in parallel they would compete for the CPU, and could be assigned the same port.
    python = await startServer(pythonServer(interpreter, kind));
    ours = await startServer(await ourWorker(kind));
  });
  afterAll(() => Promise.all([python?.kill(), ours?.kill()]));

  test.each(vectors)('$area/$name: $title', async (vector) => {
    // Python must give the recorded answers, adapted to its release; ours those of a server without MCP sessions.
    const ofPython = release === '1.26.1' ? vector : newer(vector);
    const verdicts = await Promise.all([replay(ofPython, python.url), replay(vector, ours.url, { stateless: true })]);
    expect(verdicts.map(({ fits, differences }) => ({ fits, differences }))).toEqual([same, same]);
  });

  if (kind !== 'no-secret' && kind !== 'auth-disabled') {
    test.each(answersForModels(kind))('the models of arcade-core accept our answer: $name', async (answer) => {
      expect(await validationErrors(interpreter, ours.url, answer)).toEqual([]);
    });
  }
});

test('engine-words.ts matches the newest arcade-core release', async () => {
  const { stdout } = await endingOf(await pythonWithReference('1.32.1'), ['-B', engineWords]);
  expect(readFileSync(join(root, 'worker/catalog/engine-words.ts'), 'utf8')).toBe(stdout);
});

const same = { fits: true, differences: [] };
