import { environments, replay, serverKinds, vectorsFor } from '../../testing/exchanges/replay';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { listening, type TestServer, testServer } from '../../testing/worker/server';

describe.each(serverKinds)('the %s server answers as recorded', (kind) => {
  const vectors = vectorsFor('worker', kind);
  let server: TestServer;
  let url: string;

  beforeAll(async () => {
    server = testServer(environments[kind], kind === 'fixtures' ? { tools: readFixtureTools() } : {});
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
