import { recordedName } from '../../testing/exchanges/recorded';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { readFixtureResources } from '../../testing/worker/fixtures/resources';
import { testWorker } from '../../testing/worker/test-worker';
import { defineResource, defineTool, z } from '../catalog/define-tool';

const server = testWorker({ ARCADE_WORKER_SECRET: 'secret' }, { tools: readFixtureTools() });
afterAll(() => server.app.close());

test('a browser gets a page with every tool, with all text escaped', async () => {
  const answer = await server.app.inject({ url: '/', headers: { accept: 'text/html,*/*', host: 'tools.example.com' } });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(server.catalog.tools.length).toBeGreaterThan(30);
  for (const { mcpName } of server.catalog.tools) expect(answer.body).toContain(`<code>${mcpName}</code>`);
  expect(answer.body).toContain('http://tools.example.com/mcp');
  expect(answer.body).toContain('A call takes at most 30 s and is not retried.');
  expect(answer.body).not.toMatch(/<script|javascript:| on\w+=/i);
  // The quotation marks of a schema are escaped.
  expect(answer.body).toContain('&#34;additionalProperties&#34;: false');
});

test('the page lists resources with their URIs, and has no such section without resources', async () => {
  const page = async (tools: ReadonlyMap<string, unknown>) =>
    (await testWorker({}, { tools }).app.inject({ url: '/', headers: { accept: 'text/html' } })).body;
  const odd = defineResource({
    uri: 'a://{b}/c',
    description: '<i>odd</i>',
    requires: { secrets: ['K'] },
    read: () => '',
  });
  const body = await page(new Map([...readFixtureResources(), ['resources/odd', odd]]));
  expect(body).toContain('<h2 id="resources">Resources</h2>');
  expect(body).toContain(
    `<code>ui://${recordedName}/1.0.0/card.html</code></th><td>text/html;profile=mcp-app</td><td>Card: The card`,
  );
  expect(body).toContain('<code>a://{b}/c</code></th><td>text/plain</td><td>odd: &#60;i&#62;odd&#60;/i&#62; <span');
  expect(await page(readFixtureTools())).not.toContain('id="resources"');
});

test('HEAD is answered like GET, without the body', async () => {
  const ask = (method: 'GET' | 'HEAD', accept: string) => server.app.inject({ method, url: '/', headers: { accept } });
  for (const [accept, status] of [
    ['text/html', 200],
    ['*/*', 404],
  ] as const) {
    const [get, head] = [await ask('GET', accept), await ask('HEAD', accept)];
    expect([get.statusCode, head.statusCode, head.body]).toEqual([status, status, '']);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
  }
});

test('escapes markup in every text of a tool', async () => {
  const odd = defineTool({
    description: `<b onclick=x>"&'`,
    input: z.strictObject({ text: z.string().describe('<i>parameter</i>') }),
    output: z.string().describe('<i>result</i>'),
    examples: [{ input: { text: '<i>given</i>' }, context: { userId: '<i>user</i>' }, output: '<i>got</i>' }],
    deprecated: '<i>deprecated</i>',
    run: () => '<i>got</i>',
  });
  const { app } = testWorker({ ARCADE_WORKER_SECRET: 'secret' }, { tools: new Map([['odd', odd]]) });
  const { body } = await app.inject({ url: '/', headers: { accept: 'text/html' } });
  await app.close();
  expect(body).toContain('<p>&#60;b onclick=x&#62;&#34;&#38;&#39;</p>');
  expect(body).toContain('<td>&#60;i&#62;parameter&#60;/i&#62;</td>');
  for (const word of ['result', 'given', 'user', 'got', 'deprecated']) {
    expect(body).toContain(`&#60;i&#62;${word}&#60;/i&#62;`);
  }
  expect(body).not.toMatch(/<[bi]\b/);
});

test.each(['"><b>', 'a b', '<x>', "x'y"])('a Host header of %j does not reach the page', async (host) => {
  const answer = await server.app.inject({ url: '/', headers: { accept: 'text/html', host } });
  expect(answer.body).toContain('http://localhost:8000/mcp');
});

test('the page blocks scripts, loading, forms and framing', async () => {
  const { headers } = await server.app.inject({ url: '/', headers: { accept: 'text/html' } });
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; /);
  expect(headers['x-content-type-options']).toBe('nosniff');
});

test('a request that does not accept HTML gets 404, as on the Python server', async () => {
  for (const accept of [undefined, '*/*', 'application/json']) {
    const answer = await server.app.inject({ url: '/', headers: accept === undefined ? {} : { accept } });
    expect(answer.statusCode).toBe(404);
    expect(answer.headers.vary).toBe('accept');
  }
});
