import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { recordedRepository } from '../testing/repository-copy';
import { bundle } from './build.mjs';

const repository = recordedRepository();
const folder = mkdtempSync(join(tmpdir(), 'build-'));

/** A server in the copy; its one tool calls `run`. @returns its folder, from the root */
function server(name: string, run: string, files: Readonly<Record<string, string>> = {}): string {
  const tool = `import { defineTool, z } from '#tool';
${Object.keys(files).length > 0 ? "import { helper } from '../lib/helper';" : ''}
export default defineTool({
  description: 'Made up.',
  input: z.strictObject({ text: z.string().describe('A text.') }),
  output: z.string(),
  examples: [{ input: { text: 'a' }, output: 'a' }],
  run: ${run},
});
`;
  const declaration = `import { defineServer } from '#server';
export default defineServer({ team: 't', description: 'Made up.', version: '1.0.0' });
`;
  for (const [file, text] of Object.entries({ ...files, 'server.ts': declaration, 'tools/say.ts': tool })) {
    const path = join(repository, 'servers', name, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return `servers/${name}`;
}

/** What a bundled worker answers to one call over stdio, in a folder where it finds no packages. */
function answerOf(file: string, tool: string): string {
  const clientInfo = { name: 'test', version: '1' };
  const messages = [
    { id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } },
    { method: 'notifications/initialized' },
    { id: 2, method: 'tools/call', params: { name: tool, arguments: { text: 'there' } } },
  ];
  const input = messages.map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`).join('');
  const env = { PATH: process.env.PATH, ARCADE_SERVER_TRANSPORT: 'stdio' };
  return spawnSync(process.execPath, [file], { cwd: folder, env, input, encoding: 'utf8' }).stdout;
}

const later = "async ({ text }) => (await import('zod')).z.string().parse(text)";

test('a bundle needs nothing but Node, not even for what is imported later', async () => {
  const file = join(folder, 'worker.cjs');
  await bundle(repository, server('lonely', later), file);
  expect(readdirSync(folder).sort()).toEqual(['worker.cjs', 'worker.cjs.map']);
  expect(answerOf(file, 'Lonely_Say')).toContain('"result":"there"');
});

test('packages are bundled once, and anew when they were kept from another installation', async () => {
  const file = join(folder, 'again.cjs');
  const again = async () => {
    await bundle(repository, server('again', later), file);
    const [kept = ''] = readdirSync(join(repository, 'build')).filter((name) => name.startsWith('packages-'));
    return { bundle: readFileSync(file, 'utf8'), kept: join(repository, 'build', kept) };
  };
  const first = await again();
  const { ino } = statSync(first.kept);
  expect(await again()).toEqual(first);
  expect(statSync(first.kept).ino).toBe(ino);
  writeFileSync(first.kept, `// of another installation\n${readFileSync(first.kept, 'utf8')}`);
  expect(await again()).toEqual(first);
  expect(readFileSync(first.kept, 'utf8')).not.toContain('of another installation');
});

test('a package of the lockfile that is not installed is named', async () => {
  const path = join(repository, 'package-lock.json');
  const lockfile = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ packages: { ...lockfile.packages, 'node_modules/not-installed': {} } }));
  const missing = server('missing', '({ text }) => helper(text)', {
    'lib/helper.ts': "import 'not-installed';\nexport const helper = (text: string) => text;\n",
  });
  await expect(bundle(repository, missing, join(folder, 'missing.cjs'))).rejects.toMatchObject({
    errors: [{ text: expect.stringContaining('"not-installed"') }],
  });
  expect(existsSync(join(folder, 'missing.cjs'))).toBe(false);
});
