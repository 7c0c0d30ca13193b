import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, type ProcessId } from './lock';
import { startPart, stopAll } from './processes';

const folder = mkdtempSync(join(tmpdir(), 'processes-'));
const started: ProcessId[] = [];
afterAll(() => stopAll(started, 0));

test.each([
  [404, /^Cannot start a cluster: etcd ended with 1\n.*EADDRINUSE/s],
  [200, /^Cannot start a cluster: another program already answers at http.*, the address of etcd$/],
])('reports a part whose port is taken by a server that answers %d', async (status, message) => {
  const other = createServer((_, response) => response.writeHead(status).end()).listen(0, '127.0.0.1');
  await once(other, 'listening');
  // A TCP listener has an AddressInfo; only pipes have a string (Node's own declaration).
  const { port } = other.address() as AddressInfo;
  const program = `require('node:http').createServer().listen(${port}, '127.0.0.1')`;
  const part = { name: 'etcd', command: [process.execPath, '-e', program], ready: `http://127.0.0.1:${port}/` };
  await expect(startPart(part, folder, (id) => started.push(id))).rejects.toMatchObject({
    code: 'TOOL-MISSING',
    message: expect.stringMatching(message),
  });
  expect(started.filter(isAlive)).toEqual([]);
  other.close();
});
