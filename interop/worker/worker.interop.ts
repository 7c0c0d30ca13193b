import { replay, serverKinds, vectorsFor } from '../../testing/exchanges/replay';
import { ourWorker } from '../../testing/processes/our-worker';
import { pythonServer, pythonWithReference } from '../../testing/processes/python-server';
import { type RunningServer, startServer } from '../../testing/processes/server';
import { answersForModels, disagreements } from './strict-models';

let interpreter: string;

beforeAll(async () => {
  interpreter = await pythonWithReference();
});

describe.each(serverKinds)('the Python server and ours, %s', (kind) => {
  const vectors = [...vectorsFor('worker', kind), ...vectorsFor('mcp', kind)];
  let python: RunningServer;
  let ours: RunningServer;

  beforeAll(async () => {
    // One after the other: started together they would fight for the processor, and a port could be given out twice.
    python = await startServer(pythonServer(interpreter, kind));
    ours = await startServer(await ourWorker(kind));
  });
  afterAll(() => Promise.all([python?.kill(), ours?.kill()]));

  test.each(vectors)('$area/$name: $title', async (vector) => {
    // Python must give the recorded answer or an alternative; ours keeps no MCP sessions, so there its answers count.
    const verdicts = await Promise.all([replay(vector, python.url), replay(vector, ours.url, { stateless: true })]);
    expect(verdicts.map(({ fits, differences }) => ({ fits, differences }))).toEqual([same, same]);
  });

  if (kind === 'base' || kind === 'fixtures') {
    test.each(answersForModels)("arcade-core's own models take our answer as it is: $name", async (answer) => {
      expect(await disagreements(interpreter, ours.url, answer)).toEqual([]);
    });
  }
});

const same = { fits: true, differences: [] };
