import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { declarationOf, emptyRepository } from '../testing/repository-copy';
import { bundle, foreignImports } from './build.mjs';
import { maxResourceBytes } from './catalog/resource';
import { maxFileBytes } from './server-files.mjs';

const root = emptyRepository();
write('servers/other/lib/names.ts', "export const names = ['one'];");
write('servers/echo/server.ts', declarationOf('echo', "description: 'Says it again.', version: '1.0.0',"));
write('servers/echo/lib/again.ts', 'export const again = (text: string) => text;');

const allowed = [
  "import { again } from '../lib/again';",
  "import { createHash } from 'node:crypto';",
  "import { trace } from '@opentelemetry/api';",
  "import * as schemas from 'zod/v4';",
];

test.each([
  ['another server', "export { names } from '../../other/lib/names';", '../../other/lib/names'],
  ['the charts', "import '../../../charts/render';", '../../../charts/render'],
  ['the worker past "#tool"', "import '../../../worker/json';", '../../../worker/json'],
  ['a file by its absolute path', `import '${root}/cli/root';`, `${root}/cli/root`],
  ['the declaration of servers', "import '#server';", '#server'],
  ['a package that is not in the lockfile', "import 'left-pad';", 'left-pad'],
  ['a part of such a package', "import '@nobody/left-pad/lib';", 'npm install --save-exact @nobody/left-pad'],
  ['another server while it runs', "void import('../../other/lib/names');", '../../other/lib/names'],
  ['another server in the old way', "require('../../other/lib/names');", '../../other/lib/names'],
])('a tool that imports %s is refused by name', async (_, line, told) => {
  write('servers/echo/tools/echo.ts', toolOf(line));
  const [said, ...others] = await foreignImports(root, 'servers/echo');
  expect(said).toMatch(/^TOOL-IMPORT Cannot build servers\/echo\/tools\/echo\.ts: it imports "/);
  expect(said).toContain(told);
  expect(others).toEqual([]);
});

test('the build refuses such a tool too, and leaves the last good build as it is', () => {
  write('servers/echo/tools/echo.ts', toolOf("import '../../other/lib/names';"));
  write('build/echo.cjs', 'the last good one');
  const { status, stderr } = build();
  expect(status).toBe(1);
  expect(stderr).toContain('TOOL-IMPORT Cannot build servers/echo/tools/echo.ts: it imports "../../other/lib/names"');
  expect(readFileSync(join(root, 'build/echo.cjs'), 'utf8')).toBe('the last good one');
});

test('what a tool reaches through its lib/ is refused as well', async () => {
  write('servers/echo/tools/echo.ts', toolOf("import '../lib/far';"));
  write('servers/echo/lib/far.ts', "import '../../other/lib/names';");
  expect(await foreignImports(root, 'servers/echo')).toEqual([
    expect.stringContaining('servers/echo/lib/far.ts: it imports "../../other/lib/names"'),
  ]);
});

test('a tool may import its lib/, Node, and packages of the lockfile with their parts', async () => {
  write('servers/echo/tools/echo.ts', toolOf(allowed.join('\n')));
  expect(await foreignImports(root, 'servers/echo')).toEqual([]);
  const { status, stderr } = build();
  expect([status, stderr]).toEqual([0, '']);
  expect(existsSync(join(root, 'build/echo.cjs.map'))).toBe(true);
});

test('what lets callers of this machine spend secrets is in the file of `npm run dev` alone', async () => {
  write('servers/echo/tools/echo.ts', toolOf(''));
  const [image, dev] = ['build/image.cjs', 'build/dev.cjs'].map((file) => join(root, file));
  await bundle(root, 'servers/echo', image ?? '');
  await bundle(root, 'servers/echo', dev ?? '', { trial: 'worker/dev/trial' });
  const [inImage, inDev] = [image, dev].map((file) => readFileSync(file ?? '', 'utf8').includes('TOOL_SECRET_'));
  expect([inImage, inDev]).toEqual([false, true]);
});

test.each([
  ['no tools', 'empty', 'TOOL-FILE'],
  ['a declaration that says nothing of its tools', 'silent', 'SERVER-FIELD'],
])('a server with %s is not built', (_, name, code) => {
  write('servers/empty/server.ts', declarationOf('empty', "description: 'Says nothing.', version: '1.0.0',"));
  write('servers/empty/tools/echo.test.ts', '');
  write('servers/silent/server.ts', declarationOf('silent'));
  write('servers/silent/tools/echo.ts', toolOf(''));
  const { status, stderr } = build(name);
  expect(status).toBe(1);
  expect(stderr).toContain(code);
  expect(existsSync(join(root, `build/${name}.cjs`))).toBe(false);
});

test('the files beside resources are in the file that runs, and none that leads elsewhere or is too large', async () => {
  write('servers/shown/server.ts', declarationOf('shown', "description: 'Shows it.', version: '1.0.0',"));
  write('servers/shown/tools/echo.ts', toolOf(''));
  write('servers/shown/resources/guide.test.ts', 'this is no module');
  write('servers/shown/resources/.DS_Store', 'not a resource');
  write('servers/shown/resources/in/guide.md', '# Guide');
  write(
    'servers/shown/resources/guide.ts',
    "import { defineResource } from '#tool';\nexport default defineResource({ uri: 'docs://guide', file: 'in/guide.md' });\n",
  );
  expect(build('shown')).toMatchObject({ status: 0, stderr: '' });
  const checked = () => spawnSync(process.execPath, ['build/shown.cjs', '--check'], { cwd: root, encoding: 'utf8' });
  expect(checked()).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(join(root, 'build/shown.cjs'), 'utf8')).not.toContain('DS_Store');
  write('servers/shown/resources/in/guide.md', Buffer.alloc(maxFileBytes + 1, 'a').toString());
  write('servers/shown/resources/guide', 'a file that would take the place of the resource');
  symlinkSync(join(root, 'package.json'), join(root, 'servers/shown/resources/other.json'));
  const { status, stderr } = build('shown');
  expect([status, stderr.trim().split('\n')]).toEqual([
    1,
    [
      'TOOL-FILE Cannot build servers/shown: resources/guide has the name of resources/guide.ts; give it an ending',
      'TOOL-FILE Cannot build servers/shown: resources/in/guide.md has 2097153 bytes, more than 2097152',
      'TOOL-FILE Cannot build servers/shown: resources/other.json is a link; put the file itself there',
    ],
  ]);
  expect(maxFileBytes).toBe(maxResourceBytes);
});

test('a resources folder that is a link leads nowhere', () => {
  write('servers/led/tools/echo.ts', toolOf(''));
  write('servers/led/server.ts', declarationOf('led', "description: 'Led.', version: '1.0.0',"));
  symlinkSync(join(root, 'model'), join(root, 'servers/led/resources'));
  const { status, stderr } = build('led');
  expect([status, stderr.trim()]).toEqual([
    1,
    'TOOL-FILE Cannot build servers/led: resources is no folder, or a link to one; put the folder itself there',
  ]);
});

test('a resource imports what a tool may, and nothing else', async () => {
  write('servers/echo/tools/echo.ts', toolOf(''));
  write('servers/echo/resources/guide.ts', "import '../../other/lib/names';");
  const [said] = await foreignImports(root, 'servers/echo');
  rmSync(join(root, 'servers/echo/resources'), { recursive: true });
  expect(said).toContain('servers/echo/resources/guide.ts: it imports "../../other/lib/names"');
});

function build(name = 'echo') {
  return spawnSync(process.execPath, ['worker/build.mjs', name], { cwd: root, encoding: 'utf8' });
}

function toolOf(lines: string): string {
  return `import { defineTool, z } from '#tool';\n${lines}\nexport default defineTool({
  description: 'Say it again.',
  input: z.strictObject({ text: z.string().describe('What to say.') }),
  output: z.string(),
  examples: [{ input: { text: 'a' }, output: 'a' }],
  run: ({ text }) => text,
});
`;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

test.each([
  [
    'a pattern',
    () => {
      const pattern = ['../../other/lib/$', '{n}.ts'].join('');
      write('servers/echo/tools/echo.ts', toolOf(`const n = 'names';\nrequire(\`${pattern}\`);`));
    },
  ],
  [
    'a link',
    () => {
      write('servers/echo/tools/echo.ts', toolOf("import '../lib/linked';"));
      symlinkSync(join(root, 'charts/yaml.ts'), join(root, 'servers/echo/lib/linked.ts'));
    },
  ],
  [
    'a package.json',
    () => {
      write('servers/echo/tools/echo.ts', toolOf("import '../lib/inner';"));
      write('servers/echo/lib/inner/package.json', JSON.stringify({ main: '../../../../charts/yaml.ts' }));
    },
  ],
])('what a tool reaches through %s is refused when it is not of its folder', async (_, change) => {
  change();
  const [said] = await foreignImports(root, 'servers/echo');
  expect(said).toMatch(/^TOOL-IMPORT Cannot build servers\/echo: its tools lead to "(servers\/other|charts)\//);
  expect(build().status).toBe(1);
});

test('a tsconfig.json of a server changes nothing', async () => {
  write('servers/echo/tools/echo.ts', toolOf("import '../lib/again';"));
  const paths = { '../lib/again': ['../../../charts/yaml.ts'], zod: ['../../charts/yaml.ts'] };
  write('servers/echo/tsconfig.json', JSON.stringify({ compilerOptions: { paths } }));
  expect(await foreignImports(root, 'servers/echo')).toEqual([]);
});
