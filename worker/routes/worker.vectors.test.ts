import { recordedTools } from '../../testing/exchanges/recorded';
import { environments, replay, type ServerKind, serverKinds, vectorsFor } from '../../testing/exchanges/replay';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { readFixtureResources } from '../../testing/worker/fixtures/resources';
import { listening, type TestWorker, testWorker } from '../../testing/worker/test-worker';

const sources: Partial<Record<ServerKind, ReadonlyMap<string, unknown>>> = {
  fixtures: readFixtureTools(),
  resources: readFixtureResources(),
};

describe.each(serverKinds)('the %s server matches its recorded exchanges', (kind) => {
  const vectors = vectorsFor('worker', kind);
  let server: TestWorker;
  let url: string;

  beforeAll(async () => {
    server = testWorker(environments[kind], { tools: sources[kind] ?? recordedTools });
    url = await listening(server);
  });
  afterAll(() => server.app.close());

  test('has recorded exchanges', () => {
    expect(vectors.length).toBeGreaterThan(1);
  });

  test.each(vectors)('$name: $title', async (vector) => {
    expect(await replay(vector, url)).toMatchObject({ differences: [], fits: true });
  });
});
