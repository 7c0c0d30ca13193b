import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { privateAuthority } from './testing/authority';
import { workingCopy } from './testing/repository-copy';

// Changes to servers/ and platforms/ must not break the product's tests. Each test makes typical changes in a copy of this
// repository, with the commands that a team uses, and runs the checks after each step; most also run the product's tests
// at the end. `npm run test:copies` takes several times as long as all other tests.

jest.setTimeout(3_600_000);

test('stays green with the tool of the README, a second server, other tools and a completed platform', () => {
  const copy = new Copy();
  const [sample = ''] = copy.servers();
  const readme = /^```ts\n\/\/ servers\/[\w-]+\/(tools\/[\w.]+\.ts)\n([\s\S]*?)^```$/gm;
  const files = [...copy.read('README.md').matchAll(readme)].map(([, file = '', text = '']) => ({ file, text }));
  expect(files.map(({ file }) => file)).toEqual(['tools/multiply.ts', 'tools/multiply.test.ts']);
  for (const { file, text } of files) copy.write(`servers/${sample}/${file}`, text);
  copy.check();
  copy.npm('run', 'new', '--', 'server', 'weather', '--plaintext-out', 'weather.plaintext');
  copy.check();
  rmSync(join(copy.root, `servers/${sample}/tools`), { recursive: true });
  copy.npm('run', 'new', '--', 'tool', sample, 'count_words');
  copy.check();
  renameSync(join(copy.root, `servers/${sample}`), join(copy.root, 'servers/renamed'));
  copy.edit('servers/renamed/server.ts', (declaration) => declaration.replaceAll(/image: .*/g, "image: '1.0.1',"));
  copy.sealAll();
  copy.check();
  copy.completePlatform();
  copy.check();
  copy.testProduct();
});

test('stays green for another company, with its own platform, secrets and registry instead of the sample', () => {
  const copy = new Copy();
  const names = copy.firstCompany();
  copy.npm('run', 'new', '--', 'eject-sample');
  copy.npm('run', 'new', '--', 'platform', 'acme-1', ...acme);
  copy.check();
  expect(copy.filesWith(names)).toEqual([]);
  copy.npm('run', 'new', '--', 'server', 'crm', '--plaintext-out', 'crm.plaintext');
  for (const workflow of readdirSync(join(copy.root, '.github/workflows'))) {
    copy.edit(`.github/workflows/${workflow}`, (text) =>
      text.replaceAll(/secrets\.\w+_(USERNAME|PASSWORD)/g, 'secrets.ACME_$1'),
    );
  }
  copy.check();
  copy.testProduct();
});

test('stays green without any server', () => {
  const copy = new Copy();
  for (const server of copy.servers()) rmSync(join(copy.root, 'servers', server), { recursive: true });
  copy.check();
});

const acme = [
  ...['--registry', 'registry.acme.example', '--zone', 'acme.example', '--gitops-repository', 'acme-fleet'],
  ...[
    '--dns-repository',
    'acme-dns',
    '--ingress-address',
    'ingress.acme.example',
    '--annotation-domain',
    'mcp.acme.example',
  ],
];

/** A copy of the working tree without its history: all files that git tracks or would track. */
class Copy {
  readonly root = workingCopy();

  constructor() {
    this.#run('git', ['init', '--quiet']);
    this.commit();
  }

  npm(...args: readonly string[]): string {
    return this.#run('npm', args);
  }

  commit(): void {
    this.#run('git', ['add', '--all', '--', '.', ':!node_modules']);
    this.#run('git', [
      '-c',
      'user.name=T',
      '-c',
      'user.email=t@example.com',
      'commit',
      '--quiet',
      '--allow-empty',
      '-m',
      'State',
    ]);
  }

  servers(): readonly string[] {
    return readdirSync(join(this.root, 'servers'));
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.root, path), text);
  }

  edit(path: string, change: (text: string) => string): void {
    this.write(path, change(this.read(path)));
  }

  /** Renders, checks and commits. */
  check(): void {
    this.npm('run', 'synth');
    this.npm('run', 'check');
    this.commit();
  }

  /** Runs all of the product's tests, as CI does. */
  testProduct(): void {
    this.#run('npx', ['jest', '--selectProjects', 'product']);
  }

  /** Seals the worker secret of every server with the pinned certificate. */
  sealAll(): void {
    for (const server of this.servers()) {
      rmSync(join(this.root, 'servers', server, 'sealed'), { recursive: true, force: true });
      const plaintext = `${server}-new.plaintext`;
      rmSync(join(this.root, plaintext), { force: true });
      this.npm('run', 'seal', '--', 'set', server, 'ARCADE_WORKER_SECRET', '--generate', '--plaintext-out', plaintext);
    }
  }

  /** Replaces the placeholders of the platform: the chart's source, the workspace and the certificate. */
  completePlatform(): void {
    const [file = ''] = readdirSync(join(this.root, 'platforms')).filter((name) => name.endsWith('.ts'));
    const { pem } = privateAuthority();
    const sha256 = new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
    this.write('platforms/certificates/cluster.pem', pem);
    this.edit(`platforms/${file}`, (text) =>
      text
        .replaceAll(/(?<=')(local\.)?confirm-/g, '$1')
        .replace(/file: '.*'/, "file: 'platforms/certificates/cluster.pem'")
        .replace(/sha256: '.*'/, `sha256: '${sha256}'`)
        .replace('isSample: true', 'isSample: false'),
    );
    this.sealAll();
  }

  /** The names that only the first company's platform and server contain. */
  firstCompany(): readonly string[] {
    const sample: { servers: string[]; platforms: string[] } = JSON.parse(this.read('sample.json'));
    const platform = sample.platforms.map((name) => this.read(`platforms/${name}.ts`)).join();
    const facts = [...platform.matchAll(/(?:registry|repository|zone|address|annotationDomain): '([^']+)'/g)].map(
      ([, fact = '']) => fact,
    );
    return [...sample.servers, ...sample.platforms, ...facts];
  }

  /** The files that still contain these words, except for recorded vectors and documentation. */
  filesWith(words: readonly string[]): readonly string[] {
    expect(words.length).toBeGreaterThan(5);
    const spelled = words.map((word) => word.replaceAll(/[-_]/g, '[-_]?').replaceAll('.', '\\.'));
    const ignored = /(^|\/)vectors\/|^docs\/|\.md$/;
    return this.#run('git', ['grep', '-IilE', spelled.join('|')], [0, 1])
      .split('\n')
      .filter((file) => file !== '' && !ignored.test(file));
  }

  #run(program: string, args: readonly string[], exitCodes: readonly number[] = [0]): string {
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: this.root,
      encoding: 'utf8',
      env: environment,
      maxBuffer: 2 ** 28,
    });
    if (status !== null && exitCodes.includes(status)) return stdout;
    throw new Error(`${program} ${args.join(' ')} exited with ${status}\n${stdout}\n${stderr}`);
  }
}

// Child processes must not inherit the variables of this npm run and this Jest.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|JEST_|NODE_ENV$|GIT_)/.test(name)),
);
