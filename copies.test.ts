import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { privateAuthority } from './testing/authority';
import { workingCopy } from './testing/repository-copy';

// What people own never turns the product's tests red. Each change that a team makes is made in a copy of this repository
// as it stands, the way people make it, and the checks are run there; at the end of a row the product's tests as well.
// `npm run test:copies` runs it: it takes as long as the rest of the tests several times over.

test('the tool of the README, a server called weather, other tools, and the confirmed facts', () => {
  const copy = new Copy();
  const [sample = ''] = copy.servers();
  const readme = /^```ts\n\/\/ servers\/[\w-]+\/(tools\/[\w.]+\.ts)\n([\s\S]*?)^```$/gm;
  const files = [...copy.read('README.md').matchAll(readme)].map(([, file = '', text = '']) => ({ file, text }));
  expect(files.map(({ file }) => file)).toEqual(['tools/multiply.ts', 'tools/multiply.test.ts']);
  for (const { file, text } of files) copy.write(`servers/${sample}/${file}`, text);
  copy.isGreen();
  copy.npm('run', 'new', '--', 'server', 'weather', '--plaintext-out', 'weather.plaintext');
  copy.isGreen();
  rmSync(join(copy.root, `servers/${sample}/tools`), { recursive: true });
  copy.npm('run', 'new', '--', 'tool', sample, 'count_words');
  copy.isGreen();
  renameSync(join(copy.root, `servers/${sample}`), join(copy.root, 'servers/renamed'));
  copy.edit('servers/renamed/server.ts', (declaration) => declaration.replaceAll(/image: .*/g, "image: '1.0.1',"));
  copy.sealAll();
  copy.isGreen();
  copy.confirmFacts();
  copy.isGreen();
  copy.isProductGreen();
});

test('another company: the sample taken out, a platform of its own, other secrets and another registry', () => {
  const copy = new Copy();
  const names = copy.firstCompany();
  copy.npm('run', 'new', '--', 'eject-sample');
  copy.npm('run', 'new', '--', 'platform', 'acme-1', ...acme);
  copy.isGreen();
  expect(copy.traces(names)).toEqual([]);
  copy.npm('run', 'new', '--', 'server', 'crm', '--plaintext-out', 'crm.plaintext');
  for (const workflow of readdirSync(join(copy.root, '.github/workflows'))) {
    copy.edit(`.github/workflows/${workflow}`, (text) =>
      text.replaceAll(/secrets\.\w+_(USERNAME|PASSWORD)/g, 'secrets.ACME_$1'),
    );
  }
  copy.isGreen();
  copy.isProductGreen();
});

test('the first server deleted, and no server at all', () => {
  const copy = new Copy();
  for (const server of copy.servers()) rmSync(join(copy.root, 'servers', server), { recursive: true });
  copy.isGreen();
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

/** This repository as it stands, without its history: what git tracks or would. */
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

  /** Renders, and runs what a person runs before a commit. */
  isGreen(): void {
    this.npm('run', 'synth');
    this.npm('run', 'check');
    this.commit();
  }

  /** All the product's tests, as CI runs them. */
  isProductGreen(): void {
    this.#run('npx', ['jest', '--selectProjects', 'product']);
  }

  /** Seals the worker secret of every server under the certificate that is pinned now. */
  sealAll(): void {
    for (const server of this.servers()) {
      rmSync(join(this.root, 'servers', server, 'sealed'), { recursive: true, force: true });
      const plaintext = `${server}-new.plaintext`;
      rmSync(join(this.root, plaintext), { force: true });
      this.npm('run', 'seal', '--', 'set', server, 'ARCADE_WORKER_SECRET', '--generate', '--plaintext-out', plaintext);
    }
  }

  /** The facts that nobody outside the company can know: the chart's source, the workspace, the certificate. */
  confirmFacts(): void {
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

  /** The words that only the first company's platform and server bring along. */
  firstCompany(): readonly string[] {
    const sample: { servers: string[]; platforms: string[] } = JSON.parse(this.read('sample.json'));
    const platform = sample.platforms.map((name) => this.read(`platforms/${name}.ts`)).join();
    const facts = [...platform.matchAll(/(?:registry|repository|zone|address|annotationDomain): '([^']+)'/g)].map(
      ([, fact = '']) => fact,
    );
    return [...sample.servers, ...sample.platforms, ...facts];
  }

  /** Where these words are left, outside of what is history, recorded or told to people. */
  traces(words: readonly string[]): readonly string[] {
    expect(words.length).toBeGreaterThan(5);
    const spelled = words.map((word) => word.replaceAll(/[-_]/g, '[-_]?').replaceAll('.', '\\.'));
    const told = /(^|\/)vectors\/|^docs\/|\.md$/;
    return this.#run('git', ['grep', '-IilE', spelled.join('|')], [0, 1])
      .split('\n')
      .filter((file) => file !== '' && !told.test(file));
  }

  #run(program: string, args: readonly string[], answers: readonly number[] = [0]): string {
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: this.root,
      encoding: 'utf8',
      env: environment,
      maxBuffer: 2 ** 28,
    });
    if (status !== null && answers.includes(status)) return stdout;
    throw new Error(`${program} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`);
  }
}

// Neither the npm run nor the Jest that this runs in is to be seen by those that are started here.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|JEST_|NODE_ENV$|GIT_)/.test(name)),
);
