import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { declarationOf, emptyRepository } from '../../testing/repository-copy';
import { bundle } from '../build.mjs';

// A bundled worker with a tool that prints in every way, both at load time and during a call.
const noisy = `import { defineTool, z } from '#tool';

console.log('loaded %s', 'noisy');
process.stdout.write('raw at load\\n');

export default defineTool({
  description: 'Print.',
  input: z.strictObject({ text: z.string().describe('What to print.') }),
  output: z.string(),
  examples: [{ input: { text: 'a' }, output: 'a' }],
  run: ({ text }) => {
    console.log('asking', { text });
    console.table([{ text }]);
    console.error('warning of', text);
    process.stdout.write('raw in run\\n');
    return text;
  },
});
`;
const root = emptyRepository();
const file = join(root, 'build/noisy.cjs');

beforeAll(async () => {
  mkdirSync(join(root, 'servers/noisy/tools'), { recursive: true });
  writeFileSync(join(root, 'servers/noisy/tools/noisy.ts'), noisy);
  const declaration = declarationOf('noisy', "description: 'Prints.', version: '1.0.0',");
  writeFileSync(join(root, 'servers/noisy/server.ts'), declaration);
  await bundle(root, 'servers/noisy', file);
});

const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'Noisy_Noisy', arguments: { text: 'x' } } };

test('over stdio, printed text goes to the log and never to standard output', async () => {
  const child = spawn(process.execPath, [file], { env: { ARCADE_SERVER_TRANSPORT: 'stdio' } });
  child.stdin.end(`${JSON.stringify(call)}\n`);
  const [out, log] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const answers = out.trimEnd().split('\n');
  expect(answers.map((line) => JSON.parse(line))).toMatchObject([{ id: 1, result: { isError: false } }]);
  expect(log).toContain('raw at load\n');
  expect(log).toContain('raw in run\n');
  expect(linesOf(log)).toEqual(expect.arrayContaining(printed));
});

test('over http, console output becomes log lines', async () => {
  const environment = { ARCADE_SERVER_TRANSPORT: 'http', ARCADE_SERVER_PORT: '0', WORKER_OPERATIONS_PORT: '0' };
  const child = spawn(process.execPath, [file], { env: environment, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const lines: string[] = [];
  if (child.stdout === null) throw new Error('the worker has no output');
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const [{ url }] = await once(child, 'message');
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  await (await fetch(`${url}/mcp`, { method: 'POST', headers, body: JSON.stringify(call) })).text();
  child.kill('SIGINT');
  await once(child, 'close');
  expect(linesOf(lines.join('\n'))).toEqual(expect.arrayContaining(printed));
  expect(lines.filter((line) => !line.startsWith('{'))).toEqual(['raw at load', 'raw in run']);
});

const printed = [
  { level: 'info', source: 'console', message: 'loaded noisy' },
  { level: 'info', source: 'console', message: "asking { text: 'x' }" },
  { level: 'info', source: 'console', message: expect.stringMatching(/^┌.*┘$/s) },
  { level: 'warn', source: 'console', message: 'warning of x' },
].map((line) => expect.objectContaining(line));

function linesOf(log: string): readonly unknown[] {
  const json = log.split('\n').filter((line) => line.startsWith('{'));
  return json.map((line) => JSON.parse(line));
}
