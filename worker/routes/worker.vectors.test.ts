import { environments, replay, serverKinds, vectorsFor } from '../../testing/exchanges/replay';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { listening, type TestWorker, testWorker } from '../../testing/worker/test-worker';

describe.each(serverKinds)('the %s server answers as recorded', (kind) => {
  const vectors = vectorsFor('worker', kind);
  let server: TestWorker;
  let url: string;

  beforeAll(async () => {
    server = testWorker(environments[kind], kind === 'fixtures' ? { tools: readFixtureTools() } : {});
    url = await listening(server);
  });
  afterAll(() => server.app.close());

  test('there are exchanges to replay', () => {
    expect(vectors.length).toBeGreaterThan(1);
  });

  test.each(vectors)('$name: $title', async (vector) => {
    expect(await replay(vector, url)).toMatchObject({ differences: [], fits: true });
  });
});
