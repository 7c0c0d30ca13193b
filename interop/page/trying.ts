import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { root } from '../../cli/root';
import { recordedServer } from '../../testing/exchanges/recorded';
import { recordedRepository } from '../../testing/repository';
import { seen } from '../seen';
import { seenBy } from './peers';

const server = basename(recordedServer);

/** What `npm run dev` shows in a browser: the page on which tools are tried. */
export function tryingTools(): void {
  let dev: ChildProcess;
  let url = '';
  let log = '';

  beforeAll(async () => {
    const repository = recordedRepository();
    cpSync(join(root, 'interop/page/tools/plan.ts'), join(repository, `servers/${server}/tools/plan.ts`));
    const environment = { ARCADE_SERVER_PORT: '0', WORKER_OPERATIONS_PORT: '0', TOOL_SECRET_MAP_KEY: 'four' };
    dev = spawn(process.execPath, [join(repository, 'cli/run.mjs'), 'worker/dev/dev.command.ts'], {
      env: { PATH: process.env.PATH, ...environment },
    });
    for (const stream of [dev.stdout, dev.stderr]) {
      stream?.on('data', (chunk) => {
        log += chunk;
      });
    }
    const ended = once(dev, 'exit').then(() => Promise.reject(new Error(log)));
    ended.catch(() => undefined);
    while (!log.includes('In a browser')) await Promise.race([once(dev.stdout ?? dev, 'data'), ended]);
    [, url = ''] = /try a tool: (http:\S+)\/try/.exec(log) ?? [];
  });
  afterAll(async () => {
    const gone = once(dev, 'exit');
    dev.kill('SIGTERM');
    await gone;
  });

  test('a person fills in a form, and sees result, pictures, progress and what went wrong; another site gets nothing', async () => {
    // By the name of this machine it is another site than by its address.
    const other = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end('<p>hi</p>'),
    );
    await once(other.listen(0, '127.0.0.1'), 'listening');
    // Listening on a port, the address is never a text.
    const { port } = other.address() as AddressInfo;
    const picture = join(root, 'build/try.png');
    const elsewhere = `http://elsewhere.example.com:${port}/`;
    const found = await seenBy('try-tools.mjs', url, elsewhere, picture).finally(() => other.close());
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
      key: 4,
    };
    expect(found).toMatchObject({
      tools: expect.arrayContaining(['Echo', 'Add', 'Whoami', 'Plan']),
      plan: {
        ending: 'Succeeded',
        log: ['1 of 2 planning <b>Fjords</b>', '2 of 2 '],
        pictures: [1],
        structured: [planned],
      },
      failed: { ending: 'Failed', texts: [expect.stringMatching(/Too vague\n\nName a place$/)] },
      cancelled: 'Cancelled',
      json: { ending: 'Failed', texts: [expect.stringContaining('titel')] },
      foreign: { call: 'refused', blind: 0, page: 'refused', script: 'refused', frame: 'refused' },
      complaints: [],
    });
    seen('see build/try.png');
  });

  test.each<[string, Readonly<Record<string, string>>, number]>([
    ['this machine', {}, 200],
    ['a name that points at this machine', { host: 'rebound.example.com' }, 403],
    ['a page of another site', { origin: 'https://example.com' }, 403],
    ['a page in a sandbox', { origin: 'null' }, 403],
    ['a tunnel', { 'x-forwarded-for': '203.0.113.7' }, 403],
  ])('the page is shown to %s: %j', async (_who, headers, status) => {
    for (const path of ['/try', '/try/bench.js']) {
      expect(await statusOf(`${url}${path}`, headers)).toBe(status);
    }
  });
}

/** Not by `fetch`, which sets these headers itself. */
function statusOf(url: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
}
