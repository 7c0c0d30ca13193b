import fc from 'fast-check';
import { exchange } from '../testing/exchanges/exchange';
import { readFixtureResources } from '../testing/worker/fixtures/resources';
import { fuzzBytes, sendBytes } from '../testing/worker/fuzz-bytes';
import { admittedOf, fuzzExchanges } from '../testing/worker/fuzz-exchanges';
import { listening, type TestWorker, testWorker } from '../testing/worker/test-worker';
import { defineResource } from './catalog/define-tool';
import { contract } from './contract';

const secret = 'a-secret-of-this-test';
let server: TestWorker;
let url: string;

beforeAll(async () => {
  const place = defineResource({
    uri: 'place://{land}/{city}.json',
    read: ({ land, city }) => (land === 'x' ? null : JSON.stringify({ land, city })),
  });
  const tools = new Map([...readFixtureResources(), ['resources/place', place]]);
  server = testWorker({ ARCADE_WORKER_SECRET: secret, LOG_LEVEL: 'error' }, { tools });
  url = await listening(server);
});
afterAll(() => server.app.close());

test('never answers well-formed HTTP with a 5xx', async () => {
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(fuzzExchanges(secret), async (request) => {
      const { status } = await exchange(url, request);
      seen.add(status);
      expect(status).toBeLessThan(500);
    }),
    { numRuns: 500 },
  );
  // Enough of the requests passed the checks of token, envelope and headers.
  expect([...seen]).toEqual(expect.arrayContaining([200, 400, 401, 404, 405]));
  const { invoke, handshake, modern, readings } = admittedOf(await server.metrics.registry.metrics());
  expect(Math.min(invoke, handshake, modern, readings)).toBeGreaterThan(10);
});

test('never answers arbitrary bytes with a 5xx, and keeps running', async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(fuzzBytes(secret), async (bytes) => {
      const lines = await sendBytes(url, bytes);
      answered += lines.length;
      for (const line of lines) expect(line).toMatch(/^HTTP\/1\.1 [1-4]\d\d /);
    }),
    { numRuns: 300 },
  );
  expect(answered).toBeGreaterThan(100);
  expect((await exchange(url, { method: 'GET', path: contract.paths.health, headers: {} })).status).toBe(200);
  expect(server.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('limits the time for heads and bodies, and keeps idle connections longer than nginx', () => {
  const { headersTimeout, requestTimeout, keepAliveTimeout } = server.app.server;
  expect({ headersTimeout, requestTimeout }).toEqual({ headersTimeout: 60_000, requestTimeout: 60_000 });
  expect(keepAliveTimeout).toBeGreaterThanOrEqual(72_000);
});
