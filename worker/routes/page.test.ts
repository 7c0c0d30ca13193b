import { readFixtureTools } from '../testing/fixtures';
import { testServer } from '../testing/server';

const server = testServer({ ARCADE_WORKER_SECRET: 'secret' }, { tools: readFixtureTools() });
afterAll(() => server.app.close());

test('a browser gets a page that names every tool, and what is in it cannot be taken for markup', async () => {
  const answer = await server.app.inject({ url: '/', headers: { accept: 'text/html,*/*', host: 'tools.example.com' } });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(server.catalog.tools.length).toBeGreaterThan(30);
  for (const { mcpName } of server.catalog.tools) expect(answer.body).toContain(`<code>${mcpName}</code>`);
  expect(answer.body).toContain('http://tools.example.com/mcp');
  expect(answer.body).not.toMatch(/<script|javascript:| on\w+=/i);
  // Every quotation mark of a schema is written as a reference.
  expect(answer.body).toContain('&#34;additionalProperties&#34;: false');
});

test.each(['"><b>', 'a b', '<x>', "x'y"])('a Host header of %j does not reach the page', async (host) => {
  const answer = await server.app.inject({ url: '/', headers: { accept: 'text/html', host } });
  expect(answer.body).toContain('http://localhost:8000/mcp');
});

test('the page may load, run, send and be framed by nothing', async () => {
  const { headers } = await server.app.inject({ url: '/', headers: { accept: 'text/html' } });
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; /);
  expect(headers['x-content-type-options']).toBe('nosniff');
});

test('whoever does not ask for HTML finds nothing there, as on the Python server', async () => {
  for (const accept of [undefined, '*/*', 'application/json']) {
    const answer = await server.app.inject({ url: '/', headers: accept === undefined ? {} : { accept } });
    expect(answer.statusCode).toBe(404);
    expect(answer.headers.vary).toBe('accept');
  }
});
