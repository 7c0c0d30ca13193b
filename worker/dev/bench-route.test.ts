import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { testWorker } from '../../testing/worker/test-worker';
import { benchPath, benchVariable } from './bench-route';
import { trialOf } from './trial';

const folder = join(__dirname, 'bench');
const base = { ARCADE_SERVER_TRANSPORT: 'http', [benchVariable]: folder };
const closing: (() => unknown)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

/** The response of a worker to a request for a file of the page. */
async function answerOf(url: string, { environment = {}, headers = {}, isDev = true } = {}) {
  const { app } = testWorker({ ...base, ...environment }, isDev ? { trialOf } : {});
  closing.push(() => app.close());
  return app.inject({ url, headers: { host: 'localhost:8000', ...headers } });
}

test('serves every file of the page with its type and the strictest headers', async () => {
  const files = readdirSync(folder);
  expect(files.length).toBeGreaterThan(4);
  for (const name of files) {
    const { statusCode, headers } = await answerOf(name === 'index.html' ? benchPath : `${benchPath}/${name}`);
    expect([name, statusCode, headers['content-type']]).toEqual([
      name,
      200,
      expect.stringMatching(/^text\/(html|javascript|css); charset=utf-8$/),
    ]);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; .*frame-ancestors 'none'/);
  }
});

test.each(['/try/../trial.ts', '/try/%2e%2e/trial.ts', '/try/bench.js%00', '/try/..%2ftrial.ts', '/try/__proto__'])(
  '%s is no file of the page',
  async (url) => {
    expect((await answerOf(url)).statusCode).toBe(404);
  },
);

test.each<[string, Parameters<typeof answerOf>[1]]>([
  ['in an image or with npm start, whatever the variables are', { isDev: false }],
  ['on an address that others can reach', { environment: { ARCADE_SERVER_HOST: '0.0.0.0' } }],
])('there is no page %s', async (_where, asked) => {
  expect((await answerOf(benchPath, asked)).statusCode).toBe(404);
});

test.each([
  { host: 'rebound.example.com' },
  { host: 'localhost.example.com' },
  { origin: 'https://example.com' },
  { origin: 'null' },
  { 'x-forwarded-for': '127.0.0.1' },
])('rejects a request with %j', async (headers) => {
  expect((await answerOf(benchPath, { headers })).statusCode).toBe(403);
});
