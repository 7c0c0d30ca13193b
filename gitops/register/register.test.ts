import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { serverList } from '../../model/servers';
import { privateAuthority } from '../../testing/authority';
import { type Changes, deployment, host, secret } from '../../testing/fake-deployment/deployment';
import { startEngine } from '../../testing/fake-engine/fake-engine';
import { testPlatform as platform } from '../../testing/fixtures';
import { allowlistFrom } from '../engine/allowlist';
import { Secret } from '../seal/secret';
import { verify } from '../verify/verify';
import { type EngineApi, engineApi } from './engine-api';
import { admit, checkSecret, notForEngines, register } from './register';

const apiKey = 'a-key-of-the-tests';
const [server] = serverList(
  [{ name: 'fake', entry: { team: 'infra', image: 'registry.example.com/fake:1.0.0' } }],
  [platform],
).servers;

const running: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((part) => part.close()));
});

/** A deployment, an engine that reaches it, and the printed lines. */
async function scene(changes: Changes = {}, engineOptions: Partial<Parameters<typeof startEngine>[0]> = {}) {
  if (server === undefined) throw new Error('the fake server is not valid');
  const made = await deployment({ ...changes, worker: { tls: undefined, ...changes.worker } });
  const target = { ...made.target, url: new URL(`http://${host}`), ...changes.target };
  const connectTo = { address: '127.0.0.1', port: made.worker.port };
  const engine = await startEngine({ apiKey, resolver: made.names.address, connectTo, ...engineOptions });
  const printed: string[] = [];
  const api = engineApi(engine.url, apiKey);
  // Plain HTTP needs no certificates; verify's own tests cover the form of the address.
  const report = await verify({ ...target, allowlist: allowlistFrom([`http://${host}`]) }, made.world, {
    skip: notForEngines,
  });
  // A fake clock that only pauses advance.
  const pauses: number[] = [];
  const now = () => pauses.reduce((sum, ms) => sum + ms, 0);
  const sleep = async (ms: number) => void pauses.push(ms);
  const options = { isDryRun: false, waitMs: 0, say: (line: string) => void printed.push(line), sleep, now };
  running.push(engine, made);
  return { server, api, engine, report, options, printed, made, pauses };
}

test('creates an unknown server and waits for its tools', async () => {
  const { server, api, report, options, printed } = await scene();
  admit(report);
  expect(await register(server, report, api, options)).toEqual({ kind: 'create', tools: ['Add', 'Echo'] });
  expect(await api.find('fake')).toMatchObject({
    enabled: true,
    http: { uri: `http://${host}`, timeout: 30, retry: 0 },
  });
  expect(printed).toEqual([
    'create worker "fake"',
    `  url      http://${host}`,
    '  timeout  30 s',
    '  retry    0',
    '  enabled  yes',
    '  secret   sent',
  ]);
});

test('updates a server that is registered at another address', async () => {
  const { server, api, report, options, printed } = await scene();
  await api.create('fake', { uri: 'http://old.example.com:8000', secret: 'the old secret', timeout: 30, retry: 3 });
  expect(await register(server, report, api, options)).toEqual({ kind: 'update', tools: ['Add', 'Echo'] });
  expect(printed).toContain(`  url      http://old.example.com:8000 -> http://${host}`);
  expect(printed).toContain('  retry    3 -> 0');
});

test('registers the timeout and the retries that the tools allow', async () => {
  const { server, api, report, options } = await scene();
  await register({ ...server, call: { timeoutSeconds: 240, retries: 2, asks: true } }, report, api, options);
  expect(await api.find('fake')).toMatchObject({ http: { timeout: 240, retry: 2 } });
});

test('a second run changes nothing but the secret, which cannot be compared', async () => {
  const { server, api, report, options, printed } = await scene();
  await register(server, report, api, options);
  expect(await register(server, report, api, options)).toMatchObject({ kind: 'unchanged' });
  expect(printed.slice(-2)).toEqual([
    'worker "fake" is registered as declared',
    '  secret   sent again; the engine never returns it',
  ]);
});

test('a dry run prints the change without making it', async () => {
  const { server, api, report, options } = await scene();
  expect(await register(server, report, api, { ...options, isDryRun: true })).toEqual({ kind: 'create', tools: [] });
  expect(await api.find('fake')).toBeUndefined();
});

test("rejects a worker that is declared in the engine's file", async () => {
  const uri = 'http://fake.fake.svc.cluster.local:8000';
  const { server, api, report, options } = await scene({}, { fileWorkers: [{ id: 'fake', uri, secret }] });
  await expect(register(server, report, api, options)).rejects.toMatchObject({
    code: 'ENGINE-WORKER',
    message: expect.stringContaining("the engine's own file"),
  });
});

test('rejects a private address before any request to the engine', async () => {
  const zone = { [host]: { cname: 'ingress.example.com' }, 'ingress.example.com': ['10.0.192.27'] };
  const made = await deployment({ zone });
  const report = await verify(made.target, made.world, { skip: notForEngines });
  const internal = await verify({ ...made.target, isInternal: true }, made.world, { skip: notForEngines });
  await made.close();
  for (const found of [report, internal]) {
    expect(() => admit(found)).toThrow(expect.objectContaining({ code: 'INTERNAL-URL', level: 'error' }));
  }
});

test("registers a private address that the engine's allow-list covers", async () => {
  const zone = { [host]: ['10.0.192.27'] };
  const { server, api, report, options } = await scene({ zone }, { allowlist: ['10.0.192.0/24'] });
  admit(report);
  expect(await register(server, report, api, options)).toMatchObject({ tools: ['Add', 'Echo'] });
});

test('rejects a server that fails verification, with the failures', async () => {
  const { report } = await scene({ worker: { secret: 'another' } });
  expect(() => admit(report)).toThrow(
    expect.objectContaining({
      list: [expect.objectContaining({ code: 'TOKEN-REFUSED' }), expect.objectContaining({ code: 'NOT-VERIFIED' })],
    }),
  );
});

test('split DNS: explains a healthy worker without tools when the engine resolves a private address', async () => {
  const { server, api, report, options, made, pauses } = await scene();
  made.names.setZone({ [host]: ['10.0.192.27'] });
  const registering = register(server, report, api, { ...options, waitMs: 1500 });
  await expect(registering).rejects.toMatchObject({
    code: 'ENGINE-NO-TOOLS',
    message: expect.stringMatching(
      /\(Add, Echo\); it still considers the worker healthy, because its health check has no guard/,
    ),
    fix: expect.stringContaining('ssrfAllowlist'),
  });
  expect(pauses).toEqual([1000]);
});

test('reports an engine that cannot reach the server', async () => {
  const { server, api, report, options } = await scene({}, { connectTo: { address: '127.0.0.1', port: 1 } });
  await expect(register(server, report, api, options)).rejects.toMatchObject({
    code: 'ENGINE-NO-TOOLS',
    message: expect.stringContaining('unhealthy (connect ECONNREFUSED 127.0.0.1:1)'),
  });
});

test.each<[string, string, (url: string) => EngineApi]>([
  ['an unknown key', 'ENGINE-KEY', (url) => engineApi(url, 'another')],
  ['an address where nothing listens', 'ENGINE-ANSWER', () => engineApi('http://127.0.0.1:1', apiKey)],
  ['an address that is not an engine', 'ENGINE-ANSWER', (url) => engineApi(`${url}/elsewhere`, apiKey)],
])('reports %s as %s, without the key', async (_what, code, apiAt) => {
  const engine = await startEngine({ apiKey });
  running.push(engine);
  const error = await apiAt(engine.url)
    .find('fake')
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code });
  expect(JSON.stringify(error)).not.toContain(apiKey);
});

test.each([
  ['SECRET-SIZE', 'x'.repeat(101)],
  ['SECRET-LEAK', 'dev'],
])('rejects a secret that no engine should get: %s', (code, value) => {
  if (server === undefined) throw new Error('the fake server is not valid');
  expect(() => checkSecret(server, value)).toThrow(expect.objectContaining({ code }));
  expect(() => checkSecret(server, new Secret(Buffer.from(secret)).reveal().toString())).not.toThrow();
});

test('reaches an engine with a private authority with --ca, and suggests the flag without it', async () => {
  const own = privateAuthority();
  const gateway = https.createServer(own.issue({ names: ['localhost'] }), (request, response) => {
    const isAdmitted = request.headers.authorization === apiKey || request.headers.authorization === `Bearer ${apiKey}`;
    response.writeHead(isAdmitted ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ items: [], total_count: 0, offset: 0, limit: 100, page_count: 0 }));
  });
  await new Promise<void>((resolve) => gateway.listen(0, 'localhost', resolve));
  // A server that listens on a port has an address of this form.
  const url = `https://localhost:${(gateway.address() as AddressInfo).port}`;
  try {
    expect(await engineApi(url, apiKey, [own.pem]).find('fake')).toBeUndefined();
    await expect(engineApi(url, 'another', [own.pem]).find('fake')).rejects.toMatchObject({ code: 'ENGINE-KEY' });
    await expect(engineApi(url, apiKey).find('fake')).rejects.toMatchObject({
      code: 'ENGINE-ANSWER',
      fix: expect.stringContaining('--ca <file>'),
    });
  } finally {
    gateway.closeAllConnections();
    gateway.close();
  }
});
