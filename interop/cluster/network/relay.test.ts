import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../testing/free-port';
import { loopback, relay } from './relay';

// Only the interop suite puts a network namespace between them: not every machine permits one.
test('forwards a call from a port through a socket file to a port, and closes it when nothing listens', async () => {
  const server = createServer((request, response) => void request.pipe(response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // A TCP listener has an AddressInfo; only pipes have a string (Node's own declaration).
  const { port } = server.address() as AddressInfo;
  const path = join(mkdtempSync(join(tmpdir(), 'relay-')), 'socket');
  const entrance = await freePort();
  const relays = [await relay({ path }, loopback(port)), await relay(loopback(entrance), { path })];
  const call = () => fetch(`http://127.0.0.1:${entrance}/`, { method: 'POST', body, headers: { connection: 'close' } });
  const body = 'x'.repeat(1_000_000);
  expect(await (await call()).text()).toBe(body);
  await new Promise((resolve) => server.close(resolve));
  await expect(call()).rejects.toThrow('fetch failed');
  for (const each of relays) each.close();
});
