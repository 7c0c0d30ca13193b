import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { privateAuthority } from '../../../testing/authority';
import { FakeSealWorld, keyOf } from '../../../testing/fake-seal-world';
import { systemError } from '../../http/http-client';
import { fetchCertificate, unreached } from '../fetch-certificate';

const authority = privateAuthority();
const ca = authority.pem;
const pair = authority.issue({ names: ['localhost'] });
const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

test('accepts a certificate over TLS only from a trusted host', async () => {
  const address = await secured((_, response) => response.end(keyOf('current').certPem));
  expect(await fetchCertificate(address, { ca })).toBe(keyOf('current').certPem);
  await expect(fetchCertificate(address)).rejects.toMatchObject({ code: 'CERT-FETCH' });
  const byNumber = address.replace('localhost', '127.0.0.1');
  await expect(fetchCertificate(byNumber, { ca })).rejects.toMatchObject({
    code: 'CERT-FETCH',
    message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
  });
});

test.each<[string, RequestListener, RegExp]>([
  ['another status', (_, response) => response.writeHead(503).end('down'), /the response status is 503, not 200/],
  [
    'a redirect',
    (_, response) => response.writeHead(302, { location: 'https://evil.example/x' }).end(),
    /redirect to evil\.example/,
  ],
  [
    'a redirect on the same host',
    (_, response) => response.writeHead(301, { location: '/x' }).end(),
    /redirect to localhost/,
  ],
  ['more than 64 KiB', (_, response) => response.end('x'.repeat(64 * 1024 + 1)), /longer than 65536 bytes/],
  ['no end', (_, response) => response.write('x'), /no complete response within 0\.3 s/],
  ['no answer', () => undefined, /no complete response within 0\.3 s/],
  [
    'a broken answer',
    (_, response) => response.writeHead(200, { 'content-length': 99 }).write('x', () => response.destroy()),
    /broke off|ECONNRESET/,
  ],
])('rejects %s', async (_, answer, reason) => {
  const address = await secured(answer);
  await expect(fetchCertificate(address, { ca, timeoutMs: 300 })).rejects.toMatchObject({
    code: 'CERT-FETCH',
    message: expect.stringMatching(reason),
  });
});

test('on a platform without sealed secrets, compares with no certificate and says what to remove', async () => {
  const world = new FakeSealWorld();
  const pins = world.pins();
  world.pins = () => ({ ...pins, secrets: { kind: 'existing', name: '{server}-worker-secret' } });
  const address = await plain((_, response) => response.end(keyOf('other-cluster').certPem));
  world.with({ now: new Date('2026-11-25T00:00:00Z') });
  expect(await world.run(`fetch-cert ${address} --allow-http`)).toBe(0);
  const shown = world.printed.join();
  expect(shown).toMatch(/sha256\s+none\s+[0-9a-f]{64}/);
  expect(shown).toContain('and remove the field secrets: they are existing, so nothing is sealed');
  expect(shown).not.toMatch(/cannot be read|retiredCertificates/);
});

test('rejects http without --allow-http, rejects other schemes, and never quotes credentials in a URL', async () => {
  const address = await plain((_, response) => response.end('x'));
  const refused = { code: 'CERT-FETCH', fix: expect.stringContaining('--allow-http') };
  await expect(fetchCertificate(address)).rejects.toMatchObject(refused);
  for (const other of ['', 'nosuch', 'file:///etc/passwd', 'ftp://x/']) {
    await expect(fetchCertificate(other, { isHttpAllowed: true })).rejects.toMatchObject({ code: 'CERT-FETCH' });
  }
  const hidden = 'https://user:hunter2@localhost:1/hunter2?hunter2';
  const problem = await fetchCertificate(hidden).catch((error: unknown) => JSON.stringify(error) + String(error));
  expect(problem).toContain('localhost:1');
  expect(problem).not.toContain('hunter2');
});

test.each([
  ['EAI_AGAIN', 'no DNS server answers', 'check the network'],
  ['ENOTFOUND', 'the host name does not resolve', 'check the network'],
  ['ENETUNREACH', 'there is no route to the host', 'check the network'],
  ['ECONNREFUSED', 'nothing is listening there', 'kubectl proxy'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'it is not signed by a trusted authority', 'NODE_EXTRA_CA_CERTS'],
  ['EPROTO', 'EPROTO', '/v1/cert.pem'],
])('explains %s and how to fix it', (code, reason, fix) => {
  const problem = unreached(new URL('https://sealing.example.com/v1/cert.pem'), systemError(code, 'getaddrinfo'));
  expect(problem).toMatchObject({ code: 'CERT-FETCH', fix: expect.stringContaining(fix) });
  expect(problem.message).toContain(`from https://sealing.example.com: ${reason}`);
  if (fix === 'check the network') expect(problem.fix).toContain('or give a PEM file: kubeseal --fetch-cert');
});

test('reports a refused connection', async () => {
  const address = await plain((_, response) => response.end());
  for (const stop of stops.splice(0)) stop();
  await expect(fetchCertificate(address, { isHttpAllowed: true })).rejects.toMatchObject({
    message: expect.stringContaining('nothing is listening there (ECONNREFUSED)'),
  });
});

test('saves a different certificate in a new file, shows it next to the pinned one, and does not use it', async () => {
  const address = await plain((_, response) =>
    response.end(`${keyOf('other-cluster').certPem}${keyOf('retired').certPem}`),
  );
  const world = new FakeSealWorld();
  expect(await world.run(`fetch-cert ${address} --allow-http`)).toBe(0);
  const output = world.printed.join();
  expect(output).toContain(keyOf('current').certSha256Hex);
  const fields = (id: string) => `sha256: '${keyOf(id).certSha256Hex}',`;
  const fetched = [
    '  certificate: {',
    "    file: 'platforms/certificates/fake-cluster.pem',",
    `    ${fields('other-cluster')}`,
    '    isSample: false,',
    '  },',
  ];
  const retired = [
    '    {',
    "      file: 'platforms/certificates/current.pem',",
    `      ${fields('current')}`,
    '      isSample: false,',
    '    },',
  ];
  for (const lines of [fetched, retired]) expect(output).toContain(`\n${lines.join('\n')}`);
  expect(readFileSync(join(world.certificates, 'fake-cluster.pem'), 'utf8')).toBe(keyOf('other-cluster').certPem);
  await world.run('set test-server TOKEN', 'v');
  expect(JSON.parse(world.text()).TOKEN.certSha256).toBe(keyOf('current').certSha256Hex);
});

test('takes a PEM file, or a link to one, as it takes an address', async () => {
  const address = await plain((_, response) => response.end(keyOf('other-cluster').certPem));
  const [byAddress, byFile] = [new FakeSealWorld(), new FakeSealWorld()];
  await byAddress.run(`fetch-cert ${address} --allow-http`);
  const path = join(byFile.root, 'link.pem');
  writeFileSync(join(byFile.root, 'cert.pem'), `Bag attributes\n${keyOf('other-cluster').certPem}`);
  symlinkSync('cert.pem', path);
  expect(await byFile.run(`fetch-cert ${path}`)).toBe(0);
  expect(byFile.printed).toEqual(byAddress.printed);
  expect(byFile.said).toEqual(byAddress.said);
  expect(readFileSync(join(byFile.certificates, 'fake-cluster.pem'), 'utf8')).toBe(keyOf('other-cluster').certPem);
  await byFile.run(`fetch-cert ${join(byFile.certificates, 'current.pem')}`);
  expect(byFile.printed.join()).toContain('the pinned one: platforms/certificates/current.pem');
});

test('warns when a file has several certificates, of which only the first is used', async () => {
  const world = new FakeSealWorld();
  const path = join(world.root, 'cert.pem');
  writeFileSync(path, `${keyOf('other-cluster').certPem}${keyOf('retired').certPem}`);
  expect(await world.run(`fetch-cert ${path} --json`)).toBe(0);
  const { sha256, problems } = JSON.parse(world.printed.join());
  expect(sha256).toBe(keyOf('other-cluster').certSha256Hex);
  expect(problems).toContainEqual(expect.objectContaining({ code: 'CERT-EXTRA', file: path }));
});

test('refuses a file for the same reasons as a response, and reads none without an end', async () => {
  const world = new FakeSealWorld();
  const before = readdirSync(world.certificates);
  const file = (name: string, text: string) => {
    writeFileSync(join(world.root, name), text);
    return join(world.root, name);
  };
  const pipe = join(world.root, 'pipe.pem');
  execFileSync('mkfifo', [pipe]);
  for (const [path, reason] of [
    [join(world.root, 'mistyped.pem'), 'no such file or directory'],
    ['sealing.example.com/v1/cert.pem', 'no such file or directory'],
    [world.root, 'it is not a regular file'],
    ['/dev/zero', 'it is not a regular file'],
    [pipe, 'it is not a regular file'],
    [file('huge.pem', `${keyOf('current').certPem}${'x'.repeat(64 * 1024)}`), 'it is longer than 65536 bytes'],
  ] as const) {
    const message = `Cannot read the certificate ${path}: ${reason}`;
    const fix = expect.stringMatching(/^correct the path, or give the https address/);
    expect(await world.problems(`fetch-cert ${path}`)).toMatchObject([{ code: 'CERT-NONE', message, file: path, fix }]);
  }
  const page = file('page.pem', '<html>hunter2</html>');
  const problems = await world.problems(`fetch-cert ${page}`);
  expect(problems).toMatchObject([{ code: 'CERT-NONE', file: page, fix: expect.stringContaining('<url or file>') }]);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
  world.with({ now: new Date('2200-01-01T00:00:00Z') });
  const expired = await world.problems(`fetch-cert ${file('old.pem', keyOf('other-cluster').certPem)}`);
  expect(expired).toMatchObject([{ code: 'CERT-EXPIRED' }]);
  // An address without its scheme may hold a password, so it is not quoted as a path.
  const hidden = await world.problems('fetch-cert user:hunter2@sealing.example.com/v1/cert.pem');
  expect(hidden).toMatchObject([{ code: 'CERT-FETCH', fix: expect.stringContaining('PEM file') }]);
  expect(JSON.stringify(hidden)).not.toContain('hunter2');
  expect(readdirSync(world.certificates)).toEqual(before);
});

test('never replaces a certificate file that values may depend on', async () => {
  const served = ['other-cluster', 'retired', 'retired', 'other-cluster'].map((id) => keyOf(id).certPem);
  const address = await plain((_, response) => response.end(served.shift()));
  const world = new FakeSealWorld();
  const pins = world.pins();
  world.pins = () => ({ ...pins, retiredCertificates: [] });
  for (let times = 0; times < 4; times += 1) await world.run(`fetch-cert ${address} --allow-http`);
  const files = readdirSync(world.certificates).filter((name) => name.startsWith('fake-cluster'));
  expect(files).toEqual([`fake-cluster-${keyOf('retired').certSha256Hex.slice(0, 12)}.pem`, 'fake-cluster.pem']);
  expect(readFileSync(join(world.certificates, 'fake-cluster.pem'), 'utf8')).toBe(keyOf('other-cluster').certPem);
});

test('reports a certificate that cannot be saved', async () => {
  const address = await plain((_, response) => response.end(keyOf('other-cluster').certPem));
  const world = new FakeSealWorld();
  rmSync(world.certificates, { recursive: true });
  writeFileSync(world.certificates, 'in the way');
  expect(await world.problems(`fetch-cert ${address} --allow-http`)).toMatchObject([{ code: 'SEAL-WRITE' }]);
});

test('recognizes the pinned certificate and does not save a web page', async () => {
  const answers = [keyOf('current').certPem, '<html>hunter2</html>'];
  const address = await plain((_, response) => response.end(answers.shift()));
  const world = new FakeSealWorld();
  const before = readdirSync(world.certificates);
  await world.run(`fetch-cert ${address} --allow-http`);
  expect(world.printed.join()).toContain('the pinned one: platforms/certificates/current.pem');
  const problems = await world.problems(`fetch-cert ${address} --allow-http`);
  expect(problems).toMatchObject([{ code: 'CERT-NONE' }]);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
  expect(readdirSync(world.certificates)).toEqual(before);
});

function secured(answer: RequestListener): Promise<string> {
  return listening(https.createServer(pair, answer), 'https');
}

function plain(answer: RequestListener): Promise<string> {
  return listening(http.createServer(answer), 'http');
}

function listening(server: http.Server, protocol: string): Promise<string> {
  stops.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      // The address of a server that listens on a port always has this type.
      const { port } = server.address() as AddressInfo;
      resolve(`${protocol}://localhost:${port}/v1/cert.pem`);
    });
  });
}
