import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../testing/free-port';
import { run } from '../../testing/processes/program';
import { repository } from '../../testing/temp-repository';
import { serveWeb } from './web';

const folder = mkdtempSync(join(tmpdir(), 'web-'));
let server: Server;
let address: string;
beforeAll(async () => {
  const port = await freePort();
  server = await serveWeb(folder, port);
  address = `http://127.0.0.1:${port}`;
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});

test('git clones a repository of the folder, and fails for a missing one', async () => {
  const source = repository({ 'README.md': 'theirs' });
  await run('git', ['clone', '--quiet', '--bare', source.root, join(folder, 'git/fleet.git')]);
  const listed = await run('git', ['ls-remote', `${address}/git/fleet.git`, 'refs/heads/main']);
  expect(listed.split('\t')[0]).toBe(source.git('rev-parse', 'HEAD').trim());
  const clone = join(folder, 'clone');
  await run('git', ['clone', '--quiet', '--depth', '1', `${address}/git/fleet.git`, clone]);
  expect(await run('git', ['-C', clone, 'status', '--porcelain'])).toBe('');
  await expect(run('git', ['ls-remote', `${address}/git/other.git`])).rejects.toThrow('not found');
});

test('serves the charts and no other file of the folder', async () => {
  writeFileSync(join(folder, 'admin.kubeconfig'), 'a token');
  writeFileSync(join(folder, 'charts/index.yaml'), 'entries: {}\n');
  const answer = await fetch(`${address}/charts/index.yaml`);
  expect([answer.status, await answer.text()]).toEqual([200, 'entries: {}\n']);
  const outside = ['/admin.kubeconfig', '/charts/../admin.kubeconfig', '/charts/..', '/charts/..%2fadmin.kubeconfig'];
  for (const path of ['/charts/none.tgz', '/charts', '/%2e%2e/%2e%2e/etc/hostname', '/%', ...outside]) {
    expect((await fetch(`${address}${path}`)).status).toBe(404);
  }
});
