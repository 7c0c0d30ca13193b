import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../testing/free-port';
import { loopback, relay } from './relay';

// The network namespace between the two is the interop suite's: not every machine lets everybody have one.
test('a call goes from a port to a socket file to a port, whole, and ends where nobody listens', async () => {
  const server = createServer((request, response) => void request.pipe(response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // A TCP listener has an address of this kind; only pipes have text (Node's own declaration).
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
