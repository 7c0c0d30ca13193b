import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { seen } from '../seen';
import { type Dev, startDev } from './dev';
import { seenBy } from './peers';

/** Tests of the page for trying tools, which `npm run dev` serves. */
export function tryingTools(): void {
  let dev: Dev;
  beforeAll(async () => {
    dev = await startDev({ TOOL_SECRET_MAP_KEY: 'hidden key' });
  });
  afterAll(() => dev?.stop());

  test('shows results, pictures, progress and errors, and gives another site nothing', async () => {
    // Another site than the worker, since its host name differs.
    const other = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end('<p>hi</p>'),
    );
    await once(other.listen(0, '127.0.0.1'), 'listening');
    // The address of a TCP listener is an object, never a string.
    const { port } = other.address() as AddressInfo;
    const picture = join(root, 'build/try.png');
    const elsewhere = `http://elsewhere.example.com:${port}/`;
    const found = await seenBy('try-tools.mjs', dev.url, elsewhere, picture).finally(() => other.close());
    const planned = {
      title: 'Fjords',
      days: 3,
      pace: 'fast',
      stops: [
        { city: 'Bergen', nights: 2 },
        { city: 'Oslo', nights: null },
      ],
      travel: { by: 'car', plate: 'AB 12' },
      labels: { a: 'b' },
      key: 10,
    };
    expect(found).toMatchObject({
      tools: expect.arrayContaining(['Echo', 'Add', 'Whoami', 'Plan']),
      plan: {
        ending: 'Succeeded',
        log: ['warning: {"message":"with [secret]","stops":2}', '1 of 2 planning <b>Fjords</b>', '2 of 2 '],
        pictures: [1],
        structured: [planned],
      },
      failed: { ending: 'Failed', texts: [expect.stringMatching(/Too vague\n\nName a place$/)] },
      asked: { ending: 'Succeeded', structured: [{ title: 'Lakes', guests: null }] },
      cancelled: 'Cancelled',
      json: { ending: 'Failed', texts: [expect.stringContaining('titel')] },
      foreign: { call: 'refused', blind: 0, page: 'refused', script: 'refused', frame: 'refused' },
      complaints: [],
    });
    seen('see build/try.png');
  });

  test.each<[string, Readonly<Record<string, string>>, number]>([
    ['this machine', {}, 200],
    ['a host name that resolves to this machine', { host: 'rebound.example.com' }, 403],
    ['a page of another site', { origin: 'https://example.com' }, 403],
    ['a page in a sandbox', { origin: 'null' }, 403],
    ['a tunnel', { 'x-forwarded-for': '203.0.113.7' }, 403],
  ])('answers %s (%j) with %d', async (_client, headers, status) => {
    for (const path of ['/try', '/try/bench.js']) {
      expect(await statusOf(`${dev.url}${path}`, headers)).toBe(status);
    }
  });
}

/** Uses `http.request`, because `fetch` overrides these headers. */
function statusOf(url: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
}
