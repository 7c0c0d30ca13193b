import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { addition, addServer, addTool, declarationOf, emptyRepository } from '../../testing/repository-copy';

// The real command, because importing tools happens in a separate process.
let repository: string;
beforeEach(() => {
  repository = emptyRepository();
  addTool(repository, 'sums', 'add', addition);
});
afterEach(() => rmSync(repository, { recursive: true }));

test('writes the tools as the engine and MCP clients see them, without redundant members', () => {
  addTool(repository, 'sums', 'a_last_one', addition);
  expect(synth()).toMatchObject({ status: 0 });
  const text = readFileSync(join(repository, 'dist/tools/sums.json'), 'utf8');
  expect(text).not.toContain('null');
  const { toolkit, tools } = JSON.parse(text);
  expect(toolkit).toEqual({ name: 'Sums', version: '1.0.0', description: 'Adds.' });
  expect(tools).toMatchObject([{ name: 'ALastOne' }, { name: 'Add' }]);
  expect(tools[1]).toMatchObject({
    mcp: { name: 'Sums_Add', inputSchema: { required: ['a', 'b'] }, annotations: { readOnlyHint: true } },
    engine: { fully_qualified_name: 'Sums.Add', metadata: { behavior: { read_only: true } } },
  });
});

test('writes the resources as clients list them, and picks up a change to the file of one', () => {
  const guide = join(repository, 'servers/sums/resources/guide.md');
  mkdirSync(dirname(guide), { recursive: true });
  writeFileSync(guide, '# Sums');
  writeFileSync(
    guide.replace('.md', '.ts'),
    "import { defineResource } from '#tool';\nexport default defineResource({ uri: 'docs://sums', file: 'guide.md' });\n",
  );
  const written = () => JSON.parse(readFileSync(join(repository, 'dist/tools/sums.json'), 'utf8')).resources;
  expect(synth()).toMatchObject({ status: 0 });
  expect(written()).toEqual([{ uri: 'docs://sums', name: 'guide', mimeType: 'text/markdown', size: 6 }]);
  writeFileSync(guide, '# More sums');
  expect(synth()).toMatchObject({ status: 0 });
  expect(written()).toMatchObject([{ size: 11 }]);
  writeFileSync(guide.replace('.md', '.ts'), 'export {};');
  expect(errorsIn(synth('--json').stdout)).toMatchObject([
    { code: 'TOOL-LOAD', message: expect.stringMatching(/resources\/guide: there is no default export/) },
  ]);
});

test('the ingress waits for the slowest tool and for a person; the registration has limits that suit every tool', () => {
  addTool(repository, 'sums', 'slow', addition.replace('run:', 'timeoutSeconds: 200, retries: 3, run:'));
  addTool(repository, 'sums', 'slower', addition.replace('run:', 'timeoutSeconds: 240, retries: 2, run:'));
  rmSync(join(repository, 'servers/sums/tools/add.ts'));
  const declaration = "description: 'Adds.', version: '1.0.0', runtime: 'plain',";
  addServer(repository, 'sums', declarationOf('sums', declaration));
  expect(synth()).toMatchObject({ status: 0 });
  const manifests = readdirSync(join(repository, 'dist'), { recursive: true, encoding: 'utf8' });
  const file = manifests.find((path) => path.endsWith('sums/server.yaml')) ?? '';
  const rendered = () => readFileSync(join(repository, 'dist', file), 'utf8');
  expect(rendered()).toContain("proxy-read-timeout: '270'");
  addTool(repository, 'sums', 'careful', addition.replace('run:', 'retries: 2, asks: true, run:'));
  expect(synth()).toMatchObject({ status: 0 });
  expect(rendered()).toContain("proxy-read-timeout: '570'");
  const command = [join(repository, 'cli/run.mjs'), 'gitops/register/register.command.ts', 'sums', '--print'];
  const { stdout } = spawnSync(process.execPath, command, { cwd: repository, encoding: 'utf8' });
  expect(stdout).toMatch(/Timeout {2}240\n {2}Retry {4}2\n/);
});

test('leaves out a disabled tool and applies the separator of the declaration', () => {
  addTool(repository, 'sums', 'less', addition);
  const env = "env: { ARCADE_DISABLED_TOOLS: 'Sums.Add', ARCADE_TOOL_NAME_SEPARATOR: '-' },";
  addServer(repository, 'sums', declarationOf('sums', `description: 'Adds.', version: '1.0.0', ${env}`));
  synth();
  expect(JSON.parse(readFileSync(join(repository, 'dist/tools/sums.json'), 'utf8')).tools).toMatchObject([
    { engine: { fully_qualified_name: 'Sums-Less' } },
  ]);
});

test.each([
  ['throws', "throw new Error('no such luck');", /sums: \nbad: its file cannot be run: no such luck/],
  ['ends the process', 'process.exit(0);', /bad: its file cannot be run: it calls process\.exit/],
  ['kills the process', "process.kill(process.pid, 'SIGKILL');", /printed nothing/],
  ['exports nothing', 'export {};', /bad: there is no default export/],
  ['does not parse', 'export default defineTool({', /tools\/bad\.ts:1:27/],
  ['imports a missing package', "import 'no-such-package';", /tools\/bad\.ts:1:7/],
])('reports a tool that %s and writes nothing', (_what, source, message) => {
  addTool(repository, 'sums', 'bad', source);
  const { status, stdout, stderr } = synth('--json');
  expect(errorsIn(stdout)).toMatchObject([{ code: 'TOOL-LOAD', message: expect.stringMatching(message) }]);
  expect([status, stderr]).toEqual([1, '']);
});

test('warns on every run about a value that the reference implementation does not know', () => {
  addTool(repository, 'sums', 'add', addition.replace('run:', "serviceDomains: ['gardening'], run:"));
  for (const { status, stdout } of [synth('--json'), synth('--json')]) {
    const words = JSON.parse(stdout).problems.filter(({ code }: { code: string }) => code === 'TOOL-WORD');
    expect(words).toMatchObject([{ level: 'warning', message: expect.stringContaining('"gardening"') }]);
    expect(status).toBe(0);
  }
});

test('reports every tool that cannot be loaded together with the other problems', () => {
  addTool(repository, 'sums', 'bad', 'throw 1;');
  addTool(repository, 'words', 'worse', 'throw 2;');
  addServer(repository, 'other', declarationOf('other', 'replicas: 0'));
  expect(
    errorsIn(synth('--json').stdout)
      .map(({ code }) => code)
      .sort(),
  ).toEqual(['SERVER-FIELD', 'TOOL-LOAD', 'TOOL-LOAD']);
});

test('side effects of importing a tool neither reach the output nor keep the process running', () => {
  const noise = `import { writeSync } from 'node:fs';
console.log('hello'); writeSync(1, 'world'); setInterval(() => console.log('later'), 1);
process.on('exit', () => console.log('bye'));
if (process.env.OF_THE_CALLER) throw new Error('it sees the environment of the caller');
`;
  writeFileSync(join(repository, 'servers/sums/tools/add.ts'), noise + addition);
  const { status, stdout, stderr } = synth('--json');
  expect([status, errorsIn(stdout)]).toEqual([0, []]);
  expect(stderr).toContain('hello');
});

test('caches loaded tools until one of their sources changes, including a shared library', () => {
  const library = join(repository, 'servers/sums/lib/words.ts');
  const saying = (text: string) => {
    mkdirSync(dirname(library), { recursive: true });
    writeFileSync(library, `export const description = '${text}'; console.log('loaded');\n`);
  };
  saying('Add two.');
  const tool = addition.replace("description: 'Add two numbers.'", 'description');
  writeFileSync(join(repository, 'servers/sums/tools/add.ts'), `import { description } from '../lib/words';\n${tool}`);
  const runs = ['Add two.', 'Add two.', 'Sum two.'].map((text, run) => {
    if (run === 2) saying(text);
    const { stderr } = synth();
    const [{ mcp }] = JSON.parse(readFileSync(join(repository, 'dist/tools/sums.json'), 'utf8')).tools;
    return [stderr.includes('loaded'), mcp.description];
  });
  expect(runs).toEqual([
    [true, 'Add two.'],
    [false, 'Add two.'],
    [true, 'Sum two.'],
  ]);
});

test('ignores an edited cache', () => {
  const kept = join(repository, '.cache/published-tools.json');
  const rendered = join(repository, 'dist/tools/sums.json');
  synth();
  const before = readFileSync(rendered, 'utf8');
  const text = readFileSync(kept, 'utf8');
  expect(text).toContain('Add two numbers.');
  writeFileSync(kept, text.replaceAll('Add two numbers.', 'Do something else.'));
  expect(synth()).toMatchObject({ status: 0 });
  expect(readFileSync(rendered, 'utf8')).toBe(before);
});

test('reports an environment that the worker would reject', () => {
  const env = "env: { ARCADE_DISABLED_TOOLS: 'Add' },";
  addServer(repository, 'sums', declarationOf('sums', `description: 'Adds.', version: '1.0.0', ${env}`));
  expect(synth().stderr).toMatch(/TOOL-LOAD.*sums: the environment is invalid: ARCADE_DISABLED_TOOLS/);
});

function errorsIn(json: string): readonly { code: string; level: string }[] {
  return JSON.parse(json).problems.filter(({ level }: { level: string }) => level === 'error');
}

function synth(...args: readonly string[]) {
  const command = [join(repository, 'cli/run.mjs'), 'gitops/synth/synth.command.ts', ...args];
  const env = { PATH: process.env.PATH, OF_THE_CALLER: 'yes' };
  return spawnSync(process.execPath, command, { cwd: repository, env, encoding: 'utf8' });
}
