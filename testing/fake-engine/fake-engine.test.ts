import Arcade from '@arcadeai/arcadejs';
import { givenIn } from '../../worker/dev/given';
import { recordedName } from '../exchanges/recorded';
import { nameServer } from '../fake-deployment/name-server';
import { type FakeWorkerOptions, fakeWorker } from '../fake-deployment/worker';
import { readFixtureTools } from '../worker/fixtures';
import { listening, testWorker } from '../worker/test-worker';
import { type Engine, type EngineOptions, startEngine } from './fake-engine';

const apiKey = 'a-key-of-the-tests';
const secret = 'a-secret-of-the-tests';
const running: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((part) => part.close()));
});

async function engineWith(options: Partial<EngineOptions> = {}): Promise<{ engine: Engine; client: Arcade }> {
  const engine = await startEngine({ apiKey, ...options });
  running.push(engine);
  return { engine, client: new Arcade({ baseURL: engine.url, apiKey, maxRetries: 0, logLevel: 'off' }) };
}

async function workerWith(options: Partial<FakeWorkerOptions> = {}) {
  const worker = await fakeWorker({ secret, ...options });
  running.push(worker);
  return worker;
}

const httpOf = (uri: string) => ({ uri, secret, timeout: 30, retry: 0 });

async function toolNames(client: Arcade, id: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { fully_qualified_name } of client.workers.tools(id)) names.push(fully_qualified_name);
  return names;
}

test('a worker at a private address is healthy but has no tools; only the log has the reason', async () => {
  const worker = await workerWith();
  const names = await nameServer({ 'fake.fake.svc.cluster.local': ['127.0.0.1'] });
  running.push(names);
  const { engine, client } = await engineWith({ resolver: names.address });
  const uri = `http://fake.fake.svc.cluster.local:${worker.port}`;
  await client.workers.create({ id: 'fake', type: 'http', http: httpOf(uri) });
  expect(await client.workers.health('fake')).toEqual({ id: 'fake', enabled: true, healthy: true });
  expect(await toolNames(client, 'fake')).toEqual([]);
  expect(worker.asked).toEqual(['GET /worker/health']);
  expect(engine.log.join('\n')).toContain('publicOnlyTransport: blocked connection to internal address 127.0.0.1');
});

test.each([
  ['the exact URL', (port: number) => `http://127.0.0.1:${port}`],
  ['its range', () => '127.0.0.0/8'],
])('an allow-list with %s admits a private address', async (_what, entry) => {
  const worker = await workerWith();
  const { client } = await engineWith({ allowlist: [entry(worker.port)] });
  await client.workers.create({ id: 'fake', http: httpOf(`http://127.0.0.1:${worker.port}`) });
  expect(await toolNames(client, 'fake')).toEqual(['Fake.Echo@1.0.0', 'Fake.Add@1.0.0']);
});

test('a worker from the file may have any address, and the API cannot change it', async () => {
  const worker = await workerWith();
  const uri = `http://127.0.0.1:${worker.port}`;
  const { client } = await engineWith({ fileWorkers: [{ id: 'fake', uri, secret }] });
  expect(await toolNames(client, 'fake')).toHaveLength(2);
  await expect(client.workers.update('fake', { enabled: false })).rejects.toMatchObject({ status: 403 });
  await expect(client.workers.delete('fake')).rejects.toMatchObject({ status: 403 });
});

test('the official client creates, lists, gets, updates and deletes workers; secrets are never returned', async () => {
  const { client } = await engineWith();
  const created = await client.workers.create({ id: 'fake', http: httpOf('https://a.example.com') });
  expect(created).toMatchObject({ id: 'fake', type: 'http', http: { uri: 'https://a.example.com', timeout: 30 } });
  const changed = await client.workers.update('fake', { http: { uri: 'https://b.example.com' } });
  expect(changed.http).toMatchObject({ uri: 'https://b.example.com', timeout: 30, retry: 0 });
  const { items, total_count } = await client.workers.list();
  expect({ items, total_count }).toEqual({ items: [await client.workers.get('fake')], total_count: 1 });
  expect(JSON.stringify(items)).not.toContain(secret);
  await client.workers.delete('fake');
  await expect(client.workers.get('fake')).rejects.toMatchObject({ status: 404 });
});

test('lists are paginated', async () => {
  const { client } = await engineWith();
  for (let id = 0; id < 30; id += 1)
    await client.workers.create({ id: `w${id}`, http: httpOf('https://a.example.com') });
  const ids: (string | undefined)[] = [];
  for await (const { id } of client.workers.list()) ids.push(id);
  expect(ids).toHaveLength(30);
});

test.each([
  ['a name that exists', { id: 'taken', http: httpOf('https://a.example.com') }, 409],
  [
    'a secret of 101 characters',
    { id: 'b', http: { ...httpOf('https://a.example.com'), secret: 'x'.repeat(101) } },
    400,
  ],
  ['eleven retries', { id: 'b', http: { ...httpOf('https://a.example.com'), retry: 11 } }, 400],
  ['an address with another scheme', { id: 'b', http: httpOf('ftp://a.example.com') }, 400],
  ['another type', { id: 'b', type: 'mcp', http: httpOf('https://a.example.com') }, 400],
])('rejects %s', async (_what, body, status) => {
  const { client } = await engineWith();
  await client.workers.create({ id: 'taken', http: httpOf('https://a.example.com') });
  await expect(client.workers.create(body)).rejects.toMatchObject({ status });
});

test('rejects a caller with a wrong API key', async () => {
  const { engine } = await engineWith();
  const stranger = new Arcade({ baseURL: engine.url, apiKey: 'another', maxRetries: 0, logLevel: 'off' });
  await expect(stranger.workers.list()).rejects.toMatchObject({ status: 401 });
});

test('testing an address only requests the health path, and does not check the secret', async () => {
  const worker = await workerWith();
  const { client } = await engineWith();
  const uri = `http://127.0.0.1:${worker.port}`;
  expect(await client.post('/v1/workers/test', { body: { http: { uri } } })).toEqual({ healthy: true });
  expect(worker.asked).toEqual(['GET /worker/health']);
});

test('loads no tools with a wrong secret, and logs the response', async () => {
  const worker = await workerWith({ secret: 'another' });
  const { engine, client } = await engineWith({ allowlist: ['127.0.0.0/8'] });
  await client.workers.create({ id: 'fake', http: httpOf(`http://127.0.0.1:${worker.port}`) });
  expect(await toolNames(client, 'fake')).toEqual([]);
  expect(engine.log).toEqual(['fake: no tools loaded, /worker/tools answered 401']);
});

test('retries a failing worker as often as configured, but not a rejection', async () => {
  const failing = await workerWith({ instead: { '/worker/tools': { status: 502 } } });
  const refusing = await workerWith({ instead: { '/worker/tools': { status: 401 } } });
  const { client } = await engineWith({ allowlist: ['127.0.0.0/8'] });
  for (const [id, { port }] of Object.entries({ failing, refusing })) {
    await client.workers.create({ id, http: { ...httpOf(`http://127.0.0.1:${port}`), retry: 2 } });
    await toolNames(client, id);
  }
  expect(failing.asked).toHaveLength(3);
  expect(refusing.asked).toHaveLength(1);
});

test('ignores a response after the timeout', async () => {
  const worker = await workerWith({ delayMs: 400 });
  const { engine, client } = await engineWith({ allowlist: ['127.0.0.0/8'] });
  await client.workers.create({ id: 'slow', http: { ...httpOf(`http://127.0.0.1:${worker.port}`), timeout: 0.1 } });
  expect(await toolNames(client, 'slow')).toEqual([]);
  expect(engine.log.join()).toContain('no complete response within 0.1 s');
});

test('calls a tool by either form of its name', async () => {
  const worker = await workerWith();
  const { client } = await engineWith({ allowlist: ['127.0.0.0/8'] });
  await client.workers.create({ id: 'fake', http: httpOf(`http://127.0.0.1:${worker.port}`) });
  for (const tool_name of ['Fake.Echo', 'fake_echo']) {
    const called = await client.tools.execute({ tool_name, input: { message: 'hi' }, user_id: 'user@example.com' });
    expect(called).toMatchObject({ success: true, output: { value: { message: 'hi' } } });
  }
  await expect(client.tools.execute({ tool_name: 'Fake.Nothing' })).rejects.toMatchObject({ status: 404 });
});

test('sends required secrets and tokens, and names missing variables', async () => {
  const server = testWorker({ ARCADE_WORKER_SECRET: secret }, { tools: readFixtureTools() });
  running.push(server.app);
  const fileWorkers = [{ id: 'fixtures', uri: await listening(server), secret }];
  const called = async (environment: Readonly<Record<string, string>>, tool: string) => {
    const { client } = await engineWith({ fileWorkers, given: givenIn(environment) });
    return client.tools.execute({ tool_name: `${recordedName}.${tool}`, user_id: 'user@example.com' });
  };
  const all = { TOOL_SECRET_API_TOKEN: 's3cr3t', TOOL_SECRET_OTHER_KEY: 'x', TOOL_TOKEN_GITHUB: 'tok-1' };
  expect(await called(all, 'UseSecret')).toMatchObject({ success: true, output: { value: 's3cr3t' } });
  expect(await called(all, 'UseAuth')).toMatchObject({ success: true, output: { value: 'tok-1' } });
  const unmet = (message: string) => ({
    success: false,
    output: { error: { kind: 'TOOL_REQUIREMENTS_NOT_MET', message: expect.stringContaining(message) } },
  });
  expect(await called({}, 'UseSecret')).toMatchObject(unmet('TOOL_SECRET_API_TOKEN=… TOOL_SECRET_OTHER_KEY=…'));
  expect(await called({}, 'UseAuth')).toMatchObject(unmet('start it with TOOL_TOKEN_GITHUB=…'));
});

test('blocks a name that later resolves to a private address', async () => {
  const worker = await workerWith();
  const names = await nameServer({ 'a.example.com': ['93.184.216.34'] });
  running.push(names);
  const { client } = await engineWith({
    resolver: names.address,
    connectTo: { address: '127.0.0.1', port: worker.port },
    // The tool list stays fresh, however slow the machine is.
    freshMs: 3_600_000,
  });
  await client.workers.create({ id: 'fake', http: httpOf('http://a.example.com') });
  expect(await toolNames(client, 'fake')).toHaveLength(2);
  names.setZone({ 'a.example.com': ['169.254.169.254'] });
  const called = await client.tools.execute({ tool_name: 'Fake.Echo', input: { message: 'hi' } });
  expect(called).toMatchObject({
    success: false,
    output: { error: { kind: 'NETWORK_TRANSPORT_RUNTIME_UNREACHABLE' } },
  });
});
