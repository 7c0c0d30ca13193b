import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addition, addPlatform, addServer, declarationOf } from '../../testing/repository-copy';
import { project } from '../../testing/temp-repository';

const declaration = 'servers/reference/server.ts';
const release = 'dist/fleet/apps/mcp/reference/server.yaml';
const sources = project();
const start = sources.git('rev-parse', 'HEAD').trim();
const digest = `sha256:${'a'.repeat(64)}`;

beforeEach(() => {
  sources.git('checkout', '--quiet', '--force', 'main');
  sources.git('reset', '--quiet', '--hard', start);
  sources.git('clean', '--quiet', '--force', '-d');
});

/** Expects no uncommitted changes and no temporary files. */
function expectUntouched(): void {
  expect(sources.git('status', '--porcelain', '--', 'servers', 'platforms', 'dist')).toBe('');
  expect(readdirSync(join(sources.root, 'servers/reference')).filter((name) => name.startsWith('.'))).toEqual([]);
}

test('changes only the image in the declaration, renders dist/, and shows both', () => {
  const odd = [
    '// What it runs: image: "1.0.0" was the first.',
    "import { defineServer } from '#server';",
    '',
    'export default defineServer({',
    '  team: "infra", // ours – since 2024',
    '  /* pinned */ "image" : "registry.example.com/reference:1.0.1" ,',
    "  env: { IMAGE: 'registry.example.com/reference:1.0.1' },",
    '})',
    '',
  ].join('\n');
  sources.change(declaration, () => odd);
  const { status, stdout, stderr } = sources.run('bump', 'reference', '1.0.2');
  expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.not.stringContaining('IMAGE-OLDER') });
  expect(sources.read(declaration)).toBe(odd.replace(':1.0.1" ,', ':1.0.2" ,'));
  expect(stdout).toContain('+  /* pinned */ "image" : "registry.example.com/reference:1.0.2" ,');
  expect(stdout).toMatch(/^\+ +tag: 1\.0\.2$/m);
  expect(sources.read(release)).toContain('tag: 1.0.2');
  expect(sources.git('status', '--porcelain')).toBe(` M dist/fleet/apps/mcp/reference/namespace.yaml
 M dist/fleet/apps/mcp/reference/sealedsecret.yaml
 M ${release}\n M dist/index.json\n M dist/topology.md\n M ${declaration}\n`);
  expect(sources.run('synth').stdout).not.toMatch(/changed,/);
});

test('bumping to the declared image is a no-op', () => {
  const { status, stdout } = sources.run('bump', 'reference', '1.0.1');
  expect(status).toBe(0);
  expect(stdout).toContain('reference already runs registry.example.com/reference:1.0.1');
  expectUntouched();
});

test('declares an older image with a warning', () => {
  sources.change(declaration, (text) => text.replace(':1.0.1', ':1.0.10'));
  const { status, stderr } = sources.run('bump', 'reference', '1.0.9');
  expect(status).toBe(0);
  expect(stderr).toContain('! IMAGE-OLDER');
  expect(sources.read(declaration)).toContain(':1.0.9');
});

test.each([
  ['UNPINNED', ['reference', 'latest']],
  ['UNPINNED', ['reference', 'registry.example.com/reference:1.0']],
  ['IMAGE-FOREIGN', ['reference', 'elsewhere.example.com/reference:1.0.2']],
  ['IMAGE-FOREIGN', ['reference', `registry.example.com/other@${digest}`]],
  ['USAGE', ['reference', 'reference:1.0.2 ']],
  ['USAGE', ['reference']],
  ['USAGE', []],
  ['USAGE', ['reference', '1.0.2', '--built', 'x']],
  ['SERVER-UNKNOWN', ['referense', '1.0.2']],
  // The chart of this platform rejects digests, so this does not render.
  ['UNMAPPED-FIELD', ['reference', `1.0.2@${digest}`]],
])('reports %s for %j and changes nothing', (code, args) => {
  const { status, stdout } = sources.run('bump', ...args, '--json');
  expect(JSON.parse(stdout).problems.map((problem: { code: string }) => problem.code)).toEqual([code]);
  expect(status).toBe(1);
  expectUntouched();
});

test('writes a digest in the short or full form of the current image', () => {
  sources.change(declaration, (text) => text.replace("team: 'infra',", "team: 'infra',\n  runtime: 'plain',"));
  expect(sources.run('bump', 'reference', `registry.example.com/reference@${digest}`).status).toBe(0);
  expect(sources.read(declaration)).toContain(`image: 'registry.example.com/reference@${digest}'`);
  expect(sources.run('bump', 'reference', `1.0.2@${digest}`).status).toBe(0);
  expect(sources.read(declaration)).toContain(`image: 'registry.example.com/reference:1.0.2@${digest}'`);
});

test('keeps the declaration if dist/ cannot be written', () => {
  const before = sources.read(declaration);
  rmSync(join(sources.root, 'dist'), { recursive: true });
  writeFileSync(join(sources.root, 'dist'), 'no folder');
  expect(sources.run('bump', 'reference', '1.0.2').status).toBe(1);
  expect(sources.read(declaration)).toBe(before);
});

test('--commit makes one commit with only the bump, and rejects other uncommitted changes', () => {
  sources.write('dist/notes.md', 'mine');
  const refused = sources.run('bump', 'reference', '1.0.2', '--commit');
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('✗ DIST-UNCOMMITTED') });
  rmSync(join(sources.root, 'dist/notes.md'));
  expectUntouched();
  expect(sources.run('bump', 'reference', '1.0.2', '--commit').status).toBe(0);
  expect(sources.git('log', '--format=%s %P', '-1')).toBe(`Run reference 1.0.2 ${sources.git('rev-parse', 'main')}`);
  expect(sources.git('symbolic-ref', '--short', 'HEAD')).toBe('mcp-servers/run-reference-1-0-2\n');
  expect(sources.git('show', '--name-only', '--format=', 'HEAD')).toContain(`${release}\n`);
  expect(sources.git('status', '--porcelain')).toBe('');
});

test('--built declares built images with those already proposed, and skips older and unknown ones', () => {
  const built = (...images: readonly [server: string, image: string][]) => {
    const folder = mkdtempSync(join(tmpdir(), 'built-'));
    for (const [index, [server, image]] of images.entries()) {
      mkdirSync(join(folder, `${index}`));
      writeFileSync(join(folder, `${index}`, 'built.json'), JSON.stringify({ server, image, digest }));
    }
    return ['--built', folder, '--also', 'proposed', '--commit', '--json'];
  };
  const own = 'registry.example.com/reference';
  expect(sources.run('bump', '--built', join(sources.root, 'nowhere')).stdout).toContain('Nothing to change');
  // The branch does not exist yet: nothing is proposed.
  const first = sources.run('bump', ...built(['reference', `${own}:1.0.5`], ['gone', `${own}:1.0.5`]));
  expect(codes(first.stdout)).toEqual(['SERVER-UNKNOWN']);
  sources.git('branch', '--force', 'proposed');
  sources.git('checkout', '--quiet', 'main');
  // Neither a late run nor one that pushed to another registry loses the proposal.
  const late = sources.run('bump', ...built(['reference', `${own}:1.0.4`]));
  expect(codes(late.stdout)).toEqual(['IMAGE-OLDER']);
  expect(JSON.parse(late.stdout).bumps).toMatchObject([{ to: `${own}:1.0.5` }]);
  sources.git('checkout', '--quiet', 'main');
  const elsewhere = sources.run('bump', ...built(['reference', 'elsewhere.example.com/reference:1.0.6']));
  expect(codes(elsewhere.stdout)).toEqual(['IMAGE-FOREIGN']);
  expect(JSON.parse(elsewhere.stdout).bumps).toMatchObject([{ to: `${own}:1.0.5` }]);
  sources.git('checkout', '--quiet', 'main');
  const last = sources.run('bump', ...built(['reference', `${own}:1.0.6`]));
  expect(JSON.parse(last.stdout).bumps).toMatchObject([{ from: `${own}:1.0.1`, to: `${own}:1.0.6` }]);
  const broken = mkdtempSync(join(tmpdir(), 'built-'));
  writeFileSync(join(broken, 'x.json'), '{}');
  expect(sources.run('bump', '--built', broken).stderr).toContain('✗ USAGE');
});

test('bumps one platform without changing others, and promotes its image to another', () => {
  addPlatform(sources.root, 'staging');
  const fields = "image: '1.0.1',\n  description: 'Says something.',\n  version: '1.0.0',";
  addServer(sources.root, 'weather', declarationOf('weather').replace(/image: .*/, fields), [
    'test-cluster',
    'staging',
  ]);
  sources.write('servers/weather/tools/add.ts', addition);
  const stay = "image: 'registry.example.com/reference:1.0.1',\n  platforms: ['test-cluster'],";
  sources.change(declaration, (text) => text.replace(/image: .*/, stay));
  const read = () => sources.read('servers/weather/server.ts');
  const expectTag = (version: string, on: 'staging/apps' | 'apps') =>
    expect(sources.read(`dist/fleet/${on}/mcp/weather/server.yaml`)).toContain(`tag: ${version}\n`);

  expect(sources.run('bump', 'weather', '1.0.2', '--platform', 'staging').status).toBe(0);
  expect(read()).toContain("  image: '1.0.1',\n  platforms: { staging: { image: '1.0.2' }, 'test-cluster': {} },\n");
  expectTag('1.0.2', 'staging/apps');
  expectTag('1.0.1', 'apps');
  expect(sources.run('bump', 'weather', '1.0.3', '--platform', 'staging').status).toBe(0);
  expect(sources.run('bump', 'weather', '--from', 'staging', '--to', 'test-cluster', '--json').status).toBe(0);
  expect(read()).toContain("platforms: { staging: { image: '1.0.3' }, 'test-cluster': { image: '1.0.3' } },");
  expectTag('1.0.3', 'apps');
  expect(sources.run('synth').stdout).not.toContain('changed,');

  // No platform uses the shared image any more, and the server does not run on "staging".
  expect(codes(sources.run('bump', 'weather', '1.0.4', '--json').stdout)).toEqual(['PLATFORM-UNKNOWN']);
  expect(codes(sources.run('bump', 'weather', '1.0.4', '--platform', 'stagin', '--json').stdout)).toEqual([
    'PLATFORM-UNKNOWN',
  ]);
  const elsewhere = sources.run('bump', 'reference', '1.0.4', '--platform', 'staging', '--json');
  expect(codes(elsewhere.stdout)).toEqual(['SERVER-UNKNOWN']);
  expect(sources.run('bump', 'reference', '1.0.4', '--platform', 'test-cluster').status).toBe(0);
  expect(sources.read(declaration)).toContain(stay.replace(':1.0.1', ':1.0.4'));
  expect(sources.run('bump', 'weather', '--from', 'staging').stderr).toContain('USAGE');
});

function codes(stdout: string): readonly string[] {
  const { problems }: { problems: readonly { code: string }[] } = JSON.parse(stdout);
  return problems.map(({ code }) => code);
}
