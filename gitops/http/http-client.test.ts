import { mkdtempSync, writeFileSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateAuthority } from '../../testing/authority';
import { type HttpClientOptions, httpClient, trustIn } from './http-client';

const authority = privateAuthority();
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server on loopback, and a client that connects only to it. */
async function pairOf(
  listener: RequestListener,
  options: Partial<HttpClientOptions> = {},
  server = http.createServer(),
) {
  await new Promise<void>((resolve) => server.on('request', listener).listen(0, '127.0.0.1', resolve));
  // The address of a server that listens on a port always has this type.
  const { port } = server.address() as AddressInfo;
  const client = httpClient({ addresses: ['127.0.0.1'], port, timeoutMs: 600_000, ...options });
  closing.push(() => {
    client.close();
    server.close();
    server.closeAllConnections();
  });
  return { client, port };
}

test.each(['http://name.invalid/a?b', 'http://[2001:db8::1]/a?b', 'http://192.0.2.1:99/a?b'])(
  'sends a request to %s to the given address and port, with the host of the URL',
  async (address) => {
    const { client } = await pairOf(({ url, headers: { host } }, response) => response.end(`${host} ${url}`));
    const url = new URL(address);
    expect(await client.request(url)).toMatchObject({ status: 200, body: `${url.host} /a?b` });
  },
);

test('connects to nothing when the list of addresses is empty', async () => {
  const { client } = await pairOf((_, response) => response.end(), { addresses: [] });
  await expect(client.request(new URL('http://localhost'))).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

test('sends method, headers and body, and does not follow a redirect', async () => {
  const { client } = await pairOf(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { authorization, 'content-length': length } = request.headers;
    const text = `${request.method} ${authorization} ${length} ${Buffer.concat(chunks).toString()}`;
    response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(text);
  });
  const headers = { authorization: 'Bearer x' };
  const response = await client.request(new URL('http://a.example.com'), { method: 'POST', headers, body: 'é' });
  expect(response).toMatchObject({
    status: 302,
    body: 'POST Bearer x 2 é',
    headers: { location: 'http://127.0.0.1:1/' },
  });
});

test.each<[string, string, RequestListener]>([
  ['no response', 'ETIMEDOUT', () => undefined],
  ['an unfinished response', 'ETIMEDOUT', (_, response) => response.write('x')],
  ['a response that is too long', 'EMSGSIZE', (_, response) => response.end('x'.repeat(101))],
  ['an endless response', 'EMSGSIZE', (_, response) => endless(response)],
  ['a response that is cut off', 'ECONNRESET', (_, response) => response.write('x', () => response.destroy())],
])('rejects %s with %s', async (_what, code, listener) => {
  const timeoutMs = code === 'ETIMEDOUT' ? 200 : 600_000;
  const { client } = await pairOf(listener, { timeoutMs, maxBytes: 100 });
  await expect(client.request(new URL('http://a.example.com'))).rejects.toMatchObject({ code });
});

test.each<[string, string, readonly string[], string]>([
  ['an unknown authority', 'a.example.com', [], 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['a certificate for another name', 'b.example.com', [authority.pem], 'ERR_TLS_CERT_ALTNAME_INVALID'],
])('rejects %s', async (_what, name, authorities, code) => {
  const server = https.createServer(authority.issue({ names: ['a.example.com'] }));
  const { client } = await pairOf((_, response) => response.end(), { trust: trustIn(authorities) }, server);
  await expect(client.request(new URL(`https://${name}`))).rejects.toMatchObject({ code });
});

test('trusts a given authority in addition to NODE_EXTRA_CA_CERTS', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'authorities-')), 'extra.pem');
  writeFileSync(file, authority.pem);
  const { NODE_EXTRA_CA_CERTS: before } = process.env;
  try {
    process.env.NODE_EXTRA_CA_CERTS = file;
    const trust = trustIn([privateAuthority().pem]);
    const server = https.createServer(authority.issue({ names: ['a.example.com'] }));
    const { client } = await pairOf((_, response) => response.end(), { trust }, server);
    expect(await client.request(new URL('https://a.example.com'))).toMatchObject({ status: 200 });
  } finally {
    if (before === undefined) delete process.env.NODE_EXTRA_CA_CERTS;
    else process.env.NODE_EXTRA_CA_CERTS = before;
  }
});

test('accepts a certificate for the host of the URL at any address, and keeps the connection open', async () => {
  const ports = new Set<number | undefined>();
  const server = https.createServer(authority.issue({ names: ['a.example.com'] }));
  const { client } = await pairOf(
    ({ socket }, response) => {
      ports.add(socket.remotePort);
      response.end();
    },
    { trust: trustIn([authority.pem]) },
    server,
  );
  for (let times = 0; times < 3; times += 1) {
    expect(await client.request(new URL('https://a.example.com'))).toMatchObject({ status: 200 });
  }
  expect(ports.size).toBe(1);
});

function endless(response: http.ServerResponse): void {
  const more = () => {
    while (!response.destroyed && response.write('x'.repeat(1024)));
  };
  response.on('drain', more);
  more();
}
